"""The pictures in docs/screens: every page and the states that matter, as people meet them.

`make screens` (SCREENS=1) takes them anew; otherwise the same pages are only looked at, once each.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from socialdesk.demo.cast import PASSWORD
from tests.docs.pages import CHECKOUT
from tests.docs.ways_there import (
    away,
    back,
    behind,
    chosen,
    conversation_list,
    customer,
    dashboard,
    empty_again,
    explained,
    filtered,
    keys,
    like_others,
    opened,
    page_at,
    palette,
    pinned,
    policy,
    reasons,
    refused,
    several,
    snippets,
    square,
    tags,
    with_a_picture,
)

SCREENS = CHECKOUT / "docs" / "screens"
TAKES = bool(os.environ.get("SCREENS"))
DESKTOP, PHONE = (1440, 900), (390, 844)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SETTLED = "document.getAnimations().forEach(one => { try { one.finish() } catch { } })"
PATIENCE = 15_000  # a whole desk begins beside what is looked at
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass(frozen=True)
class Screen:
    """One page or state: who comes to it, how, and whether it is shown on a phone too."""

    name: str
    person: str
    show: Callable[[Page], None]
    on_a_phone: bool = False
    settle: Callable[[Page], None] | None = None

    def files(self) -> list[tuple[str, tuple[int, int], Scheme]]:
        """The name, size and colours of each of its pictures."""
        wide: list[tuple[str, tuple[int, int], Scheme]] = [
            (f"{self.name}-{scheme}", DESKTOP, scheme) for scheme in SCHEMES
        ]
        narrow: tuple[str, tuple[int, int], Scheme] = (f"{self.name}-phone", PHONE, "light")
        return [*wide, narrow] if self.on_a_phone else wide


SHOWN = [
    Screen("list", "ana", conversation_list, on_a_phone=True),
    Screen("inbox", "ana", opened, on_a_phone=True),
    Screen("pinned", "ana", pinned),
    Screen("likeness", "ana", like_others, settle=empty_again),
    Screen("refused", "ana", refused, on_a_phone=True, settle=empty_again),
    Screen("picture", "ana", with_a_picture, settle=empty_again),
    Screen("several", "ana", several),
    Screen("filters", "ana", filtered),
    Screen("palette", "ana", palette),
    Screen("keyboard", "ana", keys),
    Screen("resolve", "ana", reasons),
    Screen("nothing", "ana", page_at("/inbox/snoozed/", "Nothing is put off")),
    Screen("reconnecting", "ana", away, on_a_phone=True, settle=back),
    Screen("search", "ana", page_at("/search/?q=router", "No conversation open")),
    Screen("customer", "ana", customer, on_a_phone=True),
    Screen("notifications", "ana", page_at("/notifications/", "Notifications")),
    Screen("me", "ana", page_at("/me/", "Your settings")),
    Screen("sessions", "ana", page_at("/me/sessions/", "Where you are signed in")),
    Screen("shifts", "mia", page_at("/shifts/", "Plan a shift"), on_a_phone=True),
    Screen("dashboard", "mia", dashboard, on_a_phone=True),
    Screen("behind", "mia", behind),
    Screen("explained", "mia", explained),
    Screen("equal", "mia", page_at("/dashboard/equal/", "Equal wait")),
    Screen("people", "mia", page_at("/settings/people/", "People")),
    Screen("now", "mia", page_at("/dashboard/wall/", "Now")),
    Screen("coverage", "mia", page_at("/dashboard/coverage/", "Coverage")),
    Screen("tags", "mia", tags),
    Screen("policies", "mia", page_at("/settings/policies/", "Policies")),
    Screen("policy", "mia", policy),
    Screen("hours", "mia", page_at("/hours/", "Hours")),
    Screen("snippets", "mia", snippets),
    Screen("set-aside", "mia", page_at("/set-aside/", "Nothing is set aside")),
    Screen("invite", "ada", page_at("/settings/people/invite/", "Invite somebody")),
    Screen("person", "ada", chosen("/settings/people/", "Ben Wood")),
    Screen("team", "ada", chosen("/settings/people/", "Care", "How Care works")),
    Screen("channels", "ada", page_at("/settings/channels/", "Channels")),
    Screen("channel", "ada", chosen("/settings/channels/", "@acmebikes")),
    Screen("audit", "ada", page_at("/settings/audit/", "Audit")),
    Screen("programs", "ada", page_at("/settings/programs/", "Programs")),
    Screen("webhooks", "ada", page_at("/settings/webhooks/", "Webhooks")),
    Screen("square", "ada", square, on_a_phone=True),
]
PEOPLE = sorted({screen.person for screen in SHOWN})


@contextmanager
def someone(browser: Browser, desk_url: str, person: str) -> Iterator[Page]:
    """A person of the demo, signed in; whatever their browser complains of fails the test."""
    width, height = DESKTOP
    context = browser.new_context(
        base_url=desk_url, viewport={"width": width, "height": height}, color_scheme="light"
    )
    page = context.new_page()
    expect.set_options(timeout=PATIENCE)
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        # What was refused or out of reach the browser tells by itself; those screens are of that.
        if said.type == "error" and not said.text.startswith(("Failed to load", "htmx: htmx:")):
            complaints.append(said.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", note)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{person}@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    assert complaints == []
    context.close()


def look_at(page: Page, screen: Screen) -> None:
    """Show a screen, and take its pictures where they are to be taken."""
    screen.show(page)
    for name, (width, height), scheme in screen.files() if TAKES else ():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.fonts.ready")
        page.evaluate(SETTLED)
        page.wait_for_timeout(150)
        assert page.evaluate(SIDEWAYS) == 0, name
        page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")
    if TAKES:
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.emulate_media(color_scheme="light")
    assert page.evaluate(SIDEWAYS) == 0, screen.name
    if screen.settle:
        screen.settle(page)
