"""The pictures in docs/screens: every page and the states that matter, as people meet them.

`make screens` (SCREENS=1) takes them anew; otherwise the same pages are only looked at, once each.
"""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from socialdesk.demo.cast import PASSWORD
from tests.docs.pages import CHECKOUT

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


def page_at(path: str, heading: str) -> Callable[[Page], None]:
    """A page that is just gone to, known by its heading."""

    def show(page: Page) -> None:
        page.goto(path)
        expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()

    return show


def opened(page: Page, number: int = 0) -> None:
    page.goto("/inbox/mine/")
    expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=15_000)
    page.locator(".row").nth(number).click()
    expect(page.locator("#reply-text")).to_be_visible()


def conversation_list(page: Page) -> None:
    page.goto("/inbox/everyone/")
    expect(page.locator(".row").first).to_be_visible()


def pinned(page: Page) -> None:
    opened(page, 1)
    if page.locator(".pinned").count() == 0:
        page.keyboard.press("n")
        page.keyboard.type("Works nights: write after noon. I call back tomorrow at 10.")
        page.locator("#note [name='pin']").check()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".pinned")).to_be_visible()
        page.keyboard.press("Shift+P")
        expect(page.locator("#pledge")).to_be_visible()
        page.get_by_role("button", name="Promise", exact=True).click()
        expect(page.locator("#brief .pledges")).to_be_visible()


def like_others(page: Page) -> None:
    opened(page)
    theirs = page.locator(".message.ours .text").last.inner_text()
    page.fill("#reply-text", theirs.rpartition(" ^")[0] or theirs)
    page.locator("#reply-text").dispatch_event("input")
    expect(page.locator("#alike")).to_be_visible(timeout=10_000)
    page.locator("#alike summary").click()


def refused(page: Page) -> None:
    """As where the customer writes while somebody answers: what was seen is an earlier message."""
    opened(page)
    page.fill("#reply-text", "We looked at your line and found where it breaks.")
    page.locator("#seen").evaluate("seen => { seen.value = 1 }")
    page.locator("#reply-text").press("Control+Enter")
    expect(page.locator("#notice")).not_to_be_empty()


def with_a_picture(page: Page) -> None:
    opened(page, 1)
    if page.locator(".picture").count() == 0:
        drawn = {"name": "router.png", "mimeType": "image/png", "buffer": a_picture()}
        page.locator("#picture").set_input_files(drawn)  # type: ignore[arg-type]
    expect(page.locator(".picture img")).to_be_visible()
    page.fill("#reply-text", "Press the small button at the back, marked in the picture.")


def empty_again(page: Page) -> None:
    """Leave no draft behind for the next screen."""
    page.fill("#reply-text", "")
    page.locator("#reply-text").press("Escape")
    page.wait_for_timeout(300)


def several(page: Page) -> None:
    conversation_list(page)
    for number in range(3):
        page.locator(".tick input").nth(number).check(force=True)
    expect(page.locator("#many [data-count]")).to_have_text("3 chosen")


def filtered(page: Page) -> None:
    conversation_list(page)
    page.locator("#filter").click()
    expect(page.locator(".filter-form")).to_be_visible()


def palette(page: Page) -> None:
    opened(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("s")
    expect(page.locator("#palette .option").first).to_be_visible()


def keys(page: Page) -> None:
    conversation_list(page)
    page.locator("[data-help]").first.click()
    expect(page.locator("#help")).to_be_visible()


def reasons(page: Page) -> None:
    opened(page)
    page.locator("#resolve-menu summary").click()
    expect(page.locator("#resolve-menu .sheet")).to_be_visible()


def away(page: Page) -> None:
    opened(page)
    page.context.set_offline(True)
    expect(page.locator(".live-note.polling")).to_be_visible()


def back(page: Page) -> None:
    page.context.set_offline(False)


def customer(page: Page) -> None:
    opened(page, 1)
    page.locator("#brief h2 a").click()
    expect(page.locator("h1")).to_be_visible()


def tags(page: Page) -> None:
    page.goto("/settings/labels/")
    expect(page.locator("#tags")).to_be_visible()


def policy(page: Page) -> None:
    page.goto("/settings/policies/")
    page.get_by_role("link", name="Everybody").first.click()
    expect(page.get_by_role("heading", name="Everybody").first).to_be_visible()


def snippets(page: Page) -> None:
    page.goto("/settings/snippets/")
    if page.get_by_text(";returns").count() == 0:
        page.goto("/settings/snippets/new/")
        page.locator("[name='name']").fill("returns")
        page.locator("[name='text']").fill("12 Long Road, Leeds LS6 2AB, Monday to Saturday 9–18")
        page.locator("main button[type='submit']").first.click()
    expect(page.get_by_text(";returns").first).to_be_visible()


def dashboard(page: Page) -> None:
    page.goto("/dashboard/")
    expect(page.get_by_role("heading", name="First response median")).to_be_visible()
    expect(page.locator(".uplot canvas").first).to_be_visible()


def square(page: Page) -> None:
    page.goto("/square/")
    expect(page.locator(".post").first).to_be_visible()


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
    Screen("shifts", "mia", page_at("/shifts/", "Plan a shift"), on_a_phone=True),
    Screen("dashboard", "mia", dashboard, on_a_phone=True),
    Screen("people", "mia", page_at("/settings/people/", "People")),
    Screen("now", "mia", page_at("/dashboard/wall/", "Now")),
    Screen("coverage", "mia", page_at("/dashboard/coverage/", "Coverage")),
    Screen("tags", "mia", tags),
    Screen("policies", "mia", page_at("/settings/policies/", "Policies")),
    Screen("policy", "mia", policy),
    Screen("hours", "mia", page_at("/hours/", "Hours")),
    Screen("snippets", "mia", snippets),
    Screen("set-aside", "mia", page_at("/set-aside/", "Nothing is set aside")),
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


def a_picture() -> bytes:
    """A small PNG: orange on grey."""
    orange, grey = b"\xe0\x7b\x39", b"\xdd\xdd\xdd"
    row = b"\0" + b"".join(orange if 40 < x < 80 else grey for x in range(120))
    rows = row * 80
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 120, 80, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
