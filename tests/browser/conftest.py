"""A whole desk as `make up` starts it, and a browser for each person."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from socialdesk.servers import delete_data
from tests.preparing import prepared
from tests.servers_and_supervisor.desk import Desk
from tests.servers_and_supervisor.running import Up, up


@dataclass
class Running:
    """A desk that runs: where it is, what was told when it was prepared, and its processes."""

    url: str
    told: dict[str, Any]
    desk: Desk
    up: Up


@pytest.fixture(scope="package")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Web, live, worker and scheduler, with Ana, Ben, Chi and Mia, and @acme on Square."""
    home = tmp_path_factory.mktemp("home")
    desk = Desk(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_HOME", str(home))
        try:
            with up(desk) as running:
                yield Running(
                    f"http://127.0.0.1:{running.port}",
                    prepared(desk, "ana=50", "ben=0", "chi=0"),
                    desk,
                    running,
                )
        finally:
            delete_data()


@pytest.fixture
def sign_in(browser: Browser, running_desk: Running) -> Iterator[Callable[[str], Page]]:
    """Give a person a browser of their own, signed in by keyboard."""
    contexts = []

    def signed_in(email: str) -> Page:
        context = browser.new_context(base_url=running_desk.url)
        contexts.append(context)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").focus()
        page.keyboard.type(email)
        page.keyboard.press("Tab")
        page.keyboard.type(running_desk.told["password"])
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(browser: Browser, running_desk: Running) -> Iterator[Page]:
    """Somebody on Square, who knows nothing of the desk."""
    context = browser.new_context(base_url=running_desk.url)
    page = context.new_page()
    page.goto("/square/")
    yield page
    context.close()
