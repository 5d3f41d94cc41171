"""A browser that notes whatever it finds wrong."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from tests.signing_in import window

REPORTS = """
    window.reports = [];
    document.addEventListener('securitypolicyviolation', violation =>
        window.reports.push(`${violation.effectiveDirective} ${violation.blockedURI}`));
"""
# A colour on its way from one theme to the other is nobody's.
SETTLED = "document.getAnimations().forEach(one => { try { one.finish() } catch { } })"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Scheme = Literal["light", "dark"]
WINDOWS: list[tuple[Scheme, ViewportSize]] = [
    ("light", {"width": 1440, "height": 900}),
    ("dark", {"width": 390, "height": 844}),
]


class Look:
    """One person's window; `wrong` has what it complained of, by address."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.add_init_script(REPORTS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        # No live stream listens here, and that is meant.
        if message.type in {"error", "warning"} and "/live" not in str(message.location):
            self.wrong.append(f"{self.page.url}: {message.text}")

    def at(self, address: str) -> Iterator[str]:
        """Go there; yield at each kind of window, and note what is wrong with the page in it."""
        self.page.goto(address)
        for scheme, size in WINDOWS:
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size(size)
            self.page.evaluate(SETTLED)
            sideways = self.page.evaluate(SIDEWAYS)
            if sideways > 0:
                self.wrong.append(f"{address}: {sideways} px wider than {size['width']}")
            yield f"{address} in {scheme}"
        reports, is_broken = self.page.evaluate("[window.reports, window.broken === true]")
        self.wrong += [f"{address}: refused {report}" for report in reports]
        if is_broken:
            self.wrong.append(f"{address}: a customer's script ran")

    def in_the_other_colours(self, where: str) -> str:
        """Turn the page that is looked at light or dark, as it isn't; return how to call it."""
        scheme: Scheme = "dark" if where.endswith("light") else "light"
        self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(SETTLED)
        return f"{where}, then in {scheme}"


LookOf = Callable[[User], Look]


@pytest.fixture
def look_of(browser: Browser, live_server: LiveServer) -> Iterator[LookOf]:
    """Open a window for somebody; by the end it must have nothing to complain of."""
    looks = []

    def opened(user: User) -> Look:
        client = window(user)
        name = settings.SESSION_COOKIE_NAME
        context = browser.new_context(base_url=live_server.url)
        cookie = client.cookies[name].value
        context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
        looks.append(Look(context.new_page()))
        return looks[-1]

    yield opened
    for look in looks:
        look.page.context.close()
        assert not look.wrong, "\n".join(look.wrong)
