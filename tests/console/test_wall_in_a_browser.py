"""The wallboard as it hangs on a wall: open for hours, whatever happens to the server."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from tests.console.conftest import SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "**/dashboard/wall/board/"
TIMERS = """
    window.timers = 0;
    const set = window.setInterval;
    window.setInterval = (...given) => { window.timers += 1; return set(...given); };
"""
REFRESH = """
    async (times) => {
        for (let n = 0; n < times; n += 1) {
            const swapped = new Promise((done) =>
                document.addEventListener("htmx:after:swap", done, { once: true }));
            document.body.dispatchEvent(new CustomEvent("desk:refresh", { bubbles: true }));
            await swapped;
        }
    }
"""
MOST_GROWN_BYTES = 400_000
MOST_BOARDS_HELD = 5


@pytest.fixture
def wall(page: Page, live_server: LiveServer, mia: User, sign_in: SignIn) -> Iterator[Page]:
    """Mia's wallboard."""
    cookie = sign_in(mia).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.set_default_timeout(60_000)
    page.add_init_script(TIMERS)
    page.goto(f"{live_server.url}/dashboard/wall/")
    yield page
    page.context.close()


def held(devtools: CDPSession) -> tuple[int, int]:
    """Bytes of the page's heap, and nodes of its document, after all that is garbage is gone."""
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    heap = devtools.send("Runtime.getHeapUsage")
    counted = devtools.send("Memory.getDOMCounters")
    return int(heap["usedSize"]), int(counted["nodes"])


def refreshed(wall: Page, kim: Kim, now: datetime, *, times: int) -> None:
    """It holds no more after so many refreshes than before, and sets no timer for each."""
    for minutes in (9, 3):
        Kim(kim.channel, author_id=f"k{minutes}").writes(at=now - timedelta(minutes=minutes))
    devtools = wall.context.new_cdp_session(wall)
    wall.evaluate(REFRESH, 30)
    timers, (heap, nodes) = wall.evaluate("window.timers"), held(devtools)
    wall.evaluate(REFRESH, times)
    heap_then, nodes_then = held(devtools)
    assert wall.evaluate("window.timers") == timers
    board = wall.evaluate("document.querySelectorAll('#board, #board *').length")
    assert nodes_then - nodes < MOST_BOARDS_HELD * board < times * board
    assert heap_then - heap < MOST_GROWN_BYTES
    expect(wall.locator("#board .tile b").first).to_have_text("2")


def test_a_wallboard_holds_no_more_after_many_refreshes_than_before(
    wall: Page, ana: User, kim: Kim, now: datetime
) -> None:
    refreshed(wall, kim, now, times=80)


@pytest.mark.soak
def test_a_wallboard_open_for_an_hour_of_refreshes_each_second_leaks_nothing(
    wall: Page, ana: User, kim: Kim, now: datetime
) -> None:
    wall.set_default_timeout(3_600_000)
    refreshed(wall, kim, now, times=3_600)


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
