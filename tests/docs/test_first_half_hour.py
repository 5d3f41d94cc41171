"""docs/tutorial/first-half-hour.md at a desk as `make up` starts it, and the pictures of it.

`make screens` (SCREENS=1) takes the documentation's screenshots anew; otherwise the same pages are
only looked at.
"""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from socialdesk.demo.cast import PASSWORD
from socialdesk.servers import delete_data
from tests.docs.pages import CHECKOUT, commands
from tests.servers_and_supervisor.desk import Desk
from tests.servers_and_supervisor.running import Up, up

TUTORIAL = CHECKOUT / "docs" / "tutorial" / "first-half-hour.md"
SCREENS = CHECKOUT / "docs" / "screens"
DESKTOP, PHONE = (1440, 900), (390, 844)


@dataclass
class DemoDesk:
    """A desk with the demo's people, as everybody meets it first."""

    desk: Desk
    running: Up


@pytest.fixture(scope="module")
def demo_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoDesk]:
    home = tmp_path_factory.mktemp("home")
    desk = Desk(home, {"DESK_DEMO": "1"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_HOME", str(home))
        try:
            with up(desk) as running:
                yield DemoDesk(desk, running)
        finally:
            delete_data()


def inbox(page: Page) -> None:
    page.goto("/inbox/mine/")
    expect(page.locator(".row").first).to_be_visible()


def conversation(page: Page) -> None:
    inbox(page)
    page.locator(".row").first.click()
    expect(page.locator("#reply-text")).to_be_visible()


def dashboard(page: Page) -> None:
    page.goto("/dashboard/")
    expect(page.get_by_role("heading", name="First response")).to_be_visible()
    expect(page.locator(".uplot canvas").first).to_be_visible()


def square(page: Page) -> None:
    page.goto("/square/")
    expect(page.locator(".post").first).to_be_visible()


@dataclass(frozen=True)
class Screen:
    """One picture: who looks at what, and how."""

    name: str
    person: str
    show: Callable[[Page], None]
    scheme: Literal["light", "dark"] = "light"
    size: tuple[int, int] = DESKTOP

    def __str__(self) -> str:
        return self.name


PICTURES = [
    Screen("inbox-light", "ana", conversation),
    Screen("inbox-dark", "ana", conversation, "dark"),
    Screen("dashboard-light", "mia", dashboard),
    Screen("dashboard-dark", "mia", dashboard, "dark"),
    Screen("inbox-phone", "ana", inbox, size=PHONE),
    Screen("conversation-phone", "ana", conversation, "dark", PHONE),
    Screen("dashboard-phone", "mia", dashboard, size=PHONE),
    Screen("square-light", "ana", square),
]


@contextmanager
def someone_at(browser: Browser, demo_desk: DemoDesk, screen: Screen) -> Iterator[Page]:
    """The person of a screen, signed in; whatever their browser complains of fails the test."""
    width, height = screen.size
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{demo_desk.running.port}",
        viewport={"width": width, "height": height},
        color_scheme=screen.scheme,
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{screen.person}@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    yield page
    assert complaints == []
    context.close()


@pytest.mark.parametrize("screen", PICTURES, ids=str)
def test_the_pages_that_the_documentation_shows(
    browser: Browser, demo_desk: DemoDesk, screen: Screen
) -> None:
    with someone_at(browser, demo_desk, screen) as page:
        screen.show(page)
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(sideways) == 0
        if os.environ.get("SCREENS"):
            page.evaluate("document.fonts.ready")
            SCREENS.mkdir(exist_ok=True)
            page.screenshot(path=_file(screen), animations="disabled")
    assert _file(screen).exists(), "take it: make screens"


def test_the_folder_of_screens_holds_no_other() -> None:
    assert {path.stem for path in SCREENS.iterdir()} == {screen.name for screen in PICTURES}


def test_many_customers_write_until_ctrl_c_as_the_tutorial_has_it(demo_desk: DemoDesk) -> None:
    [simulate] = [shlex.split(line) for line in commands(TUTORIAL) if "simulate" in line]
    with demo_desk.desk.popen(*simulate[1:], stderr=subprocess.DEVNULL) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
    assert simulate[0] == ".venv/bin/python"
    assert re.match(r"Stopped: \d+ posts, \d+ answers seen", said)


def test_make_up_tells_the_sign_ins_that_the_readme_promises(demo_desk: DemoDesk) -> None:
    for words in ("Ana Bauer", "Mia Lindt", "Ada Moreau", "/square/", "Ctrl-C stops the desk."):
        assert demo_desk.running.said(words)


def _file(screen: Screen) -> Path:
    return SCREENS / f"{screen.name}.png"
