"""The wallboard keeps what it shows, whatever its server answers."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from tests.console.conftest import SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "**/dashboard/wall/board/"


@pytest.fixture
def wall(page: Page, live_server: LiveServer, mia: User, sign_in: SignIn) -> Iterator[Page]:
    """Mia's wallboard."""
    cookie = sign_in(mia).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.set_default_timeout(60_000)
    page.goto(f"{live_server.url}/dashboard/wall/")
    yield page
    page.context.close()


def test_a_wallboard_outlives_its_server_and_goes_on_by_itself(
    wall: Page, ana: User, kim: Kim, now: datetime
) -> None:
    waiting = wall.locator("#board .tile b").first
    expect(waiting).to_have_text("0")
    tell = "document.body.dispatchEvent(new CustomEvent('desk:refresh', { bubbles: true }))"
    wall.route(BOARD, lambda route: route.abort())
    wall.evaluate(tell)
    wall.unroute(BOARD)
    wall.route(BOARD, lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    with wall.expect_response(BOARD):
        wall.evaluate(tell)
    expect(waiting).to_have_text("0")
    expect(wall.get_by_text("Bad gateway")).to_have_count(0)
    wall.unroute(BOARD)

    kim.writes(at=now)
    wall.evaluate(tell)
    expect(waiting).to_have_text("1")
