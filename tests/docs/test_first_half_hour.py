"""docs/tutorial/first-half-hour.md at a desk as `make up` starts it, and the pictures of it."""

import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from socialdesk.servers import delete_data
from tests.docs.pages import CHECKOUT, commands
from tests.docs.screens import PEOPLE, SCREENS, SHOWN, look_at, someone
from tests.servers_and_supervisor.desk import Desk
from tests.servers_and_supervisor.running import Up, up

TUTORIAL = CHECKOUT / "docs" / "tutorial" / "first-half-hour.md"


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


@pytest.mark.parametrize("person", PEOPLE)
def test_the_pages_that_the_documentation_shows(
    browser: Browser, demo_desk: DemoDesk, person: str
) -> None:
    with someone(browser, f"http://127.0.0.1:{demo_desk.running.port}", person) as page:
        for screen in (one for one in SHOWN if one.person == person):
            look_at(page, screen)


def test_the_folder_of_screens_holds_these_and_no_other() -> None:
    taken = {name for screen in SHOWN for name, _, _ in screen.files()}
    assert {path.stem for path in SCREENS.iterdir()} == taken, "take them: make screens"


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
