"""The wallboard as it hangs on a wall: a real desk behind it, customers who write, restarts."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import Running

pytestmark = pytest.mark.alone

# How long `make soak` lets it hang, with a customer who writes every second.
MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
A_MOMENT = 1 / 12
POSTS_A_MINUTE = 60
BACK_AFTER = 60_000  # milliseconds, on a busy machine
MOST_GROWN_BYTES = 500_000  # what an outage runs for the first time takes some 170,000 of it
MOST_BOARDS_HELD = 5
MOST_NEW_LISTENERS = 20
COUNT = """
    window.boards = 0;
    document.addEventListener("htmx:after:swap", () => { window.boards += 1; });
"""
REFRESH = "document.body.dispatchEvent(new CustomEvent('desk:refresh', { bubbles: true }))"
BOARD_NODES = "document.querySelectorAll('#board, #board *').length"
WAITING = """
    SELECT count(*) FROM conversations_conversation
    WHERE state = 'open' AND waiting_since IS NOT NULL AND merged_into_id IS NULL
"""


@dataclass(frozen=True)
class Held:
    """What the page holds once all that is garbage is gone."""

    heap: int
    nodes: int
    listeners: int


@pytest.fixture
def wall(running_desk: Running, sign_in: Callable[[str], Page]) -> Page:
    page = sign_in("mia@acme.example")
    page.add_init_script(COUNT)
    page.goto("/dashboard/wall/")
    expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=BACK_AFTER)
    return page


@pytest.mark.parametrize("minutes", [A_MOMENT, pytest.param(MINUTES, marks=pytest.mark.soak)])
def test_a_wallboard_holds_no_more_the_longer_it_hangs_and_outlives_web_and_live(
    running_desk: Running, wall: Page, minutes: float
) -> None:
    devtools = wall.context.new_cdp_session(wall)
    with customers_write(running_desk, minutes=minutes + 10):
        expect(wall.locator("#board .tile b").first).not_to_have_text("0", timeout=BACK_AFTER)
        hang(wall, devtools, minutes=max(minutes / 8, A_MOMENT))
        before, boards = held(devtools), wall.evaluate("window.boards")
        hang(wall, devtools, minutes=minutes / 2)
        restart_web_and_live(running_desk, wall)
        hang(wall, devtools, minutes=minutes / 2)
    swapped = wall.evaluate("window.boards") - boards
    assert swapped > 15 * minutes
    tells_how_many_wait(running_desk, wall)
    holds_no_more(wall, before, held(devtools), swapped)


@contextmanager
def customers_write(running: Running, *, minutes: float) -> Iterator[None]:
    pace = ("--rate", str(POSTS_A_MINUTE), "--minutes", str(minutes))
    with running.desk.popen(
        "manage.py", "simulate", *pace, "--url", f"{running.url}/square/"
    ) as it:
        try:
            yield
        finally:
            it.terminate()
            it.communicate(timeout=30)


def hang(wall: Page, devtools: CDPSession, *, minutes: float) -> None:
    """Let it hang; what changes brings it up to date, and a moment is made longer by more of it."""
    until, next_look = time.monotonic() + 60 * minutes, time.monotonic() + 60
    while time.monotonic() < until:
        wall.wait_for_timeout(500 if minutes > 1 else 50)
        if minutes <= 1:
            wall.evaluate(REFRESH)
        if time.monotonic() > next_look:
            next_look += 60
            print(f"{wall.evaluate('window.boards')} boards, {held(devtools)}", flush=True)


def restart_web_and_live(running: Running, wall: Page) -> None:
    body, note = wall.locator("body"), wall.locator(".wall-head .live-note.polling")
    for part in [running.up.part(name) for name in ("web", "live")]:
        part.kill()
    expect(body).not_to_have_attribute("data-live", "live", timeout=BACK_AFTER)
    expect(wall.locator("#board .tile")).to_have_count(6)
    expect(body).to_have_attribute("data-live", "live", timeout=BACK_AFTER)
    expect(note).to_be_hidden()


def held(devtools: CDPSession) -> Held:
    for _ in range(2):
        devtools.send("HeapProfiler.collectGarbage")
    heap = devtools.send("Runtime.getHeapUsage")
    counted = devtools.send("Memory.getDOMCounters")
    return Held(int(heap["usedSize"]), int(counted["nodes"]), int(counted["jsEventListeners"]))


def tells_how_many_wait(running: Running, wall: Page) -> None:
    """Nobody writes any more: within a moment it says by itself what the database says."""
    time.sleep(2)
    with psycopg.connect(running.told["database"]) as database:
        waiting = database.execute(WAITING).fetchone()
    assert waiting is not None
    assert waiting[0] > 0
    tile = wall.locator("#board .tile b").first
    expect(tile).to_have_text(str(waiting[0]), timeout=35_000)


def holds_no_more(wall: Page, before: Held, after: Held, swapped: int) -> None:
    """Chromium keeps an empty node of each swap, which no script can reach; nothing of a board."""
    assert after.heap - before.heap < MOST_GROWN_BYTES, (before, after)
    assert after.nodes - before.nodes < MOST_BOARDS_HELD * wall.evaluate(BOARD_NODES), (
        before,
        after,
    )
    assert after.listeners - before.listeners < MOST_NEW_LISTENERS, (before, after)
