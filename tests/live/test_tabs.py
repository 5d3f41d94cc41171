from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect

from apps.agents.models import Team, User
from tests.live.conftest import sign_in
from tests.live.pages import served
from tests.live.processes import Bus, Live, free_port, running_live

Publish = Callable[..., None]
OpenTab = Callable[[], Page]


@pytest.fixture
def streams(context: BrowserContext) -> list[str]:
    """The event streams that this browser has asked for."""
    asked: list[str] = []
    context.on(
        "request",
        lambda request: (
            asked.append(request.url) if request.resource_type == "eventsource" else None
        ),
    )
    return asked


@pytest.fixture
def open_tab(
    ana: User, live: Live, context: BrowserContext, streams: list[str]
) -> Iterator[OpenTab]:
    """Open tabs of Ana's browser; the first is the leader."""
    sign_in_browser(context, ana)
    with served(live.web_port, live_url=live.url) as address:
        yield lambda: new_tab(context, address)
        context.close()


def test_two_tabs_share_one_stream_and_both_hear(
    open_tab: OpenTab, streams: list[str], publish: Publish, care: Team
) -> None:
    first, second = open_tab(), open_tab()

    publish(care, 4, 5)

    for page in (first, second):
        wait_for(page, "changed")
        assert heard(page, "changed") == [{"events": ["received"], "conversations": [4, 5]}]
        assert len(heard(page, "conversation:5")) == 1
    assert len(streams) == 1


def test_changes_of_a_moment_are_told_once(open_tab: OpenTab, publish: Publish, care: Team) -> None:
    page = open_tab()

    for number in range(20):
        publish(care, number)
    wait_for(page, "changed")
    page.wait_for_timeout(1_500)

    told = heard(page, "changed")
    assert len(told) <= 3
    assert {number for change in told for number in change["conversations"]} == set(range(20))


def test_when_the_leading_tab_closes_another_takes_over_and_catches_up(
    open_tab: OpenTab, streams: list[str], publish: Publish, care: Team
) -> None:
    first, second = open_tab(), open_tab()
    second.wait_for_timeout(300)
    caught_up = len(heard(second, "refresh"))

    first.close()
    wait_for(second, "refresh", count=caught_up + 1)
    publish(care, 6)

    wait_for(second, "changed")
    assert len(streams) == 2


def test_a_frozen_leader_is_deposed_and_joins_again_when_it_thaws(
    open_tab: OpenTab, streams: list[str], publish: Publish, care: Team
) -> None:
    first, second = open_tab(), open_tab()
    second.add_init_script("const every = setInterval; setInterval = (f, ms) => every(f, ms / 10)")
    second.reload()
    wait_for_state(second, "live")

    first.evaluate("() => { setTimeout(freeze) }")
    second.wait_for_timeout(4_000)  # asks every 1.5 s, and takes over when there was no answer
    publish(care, 1)
    wait_for(second, "changed")
    second.wait_for_timeout(4_000)
    publish(care, 2)

    wait_for(first, "conversation:2")
    assert len(streams) == 2


def test_while_the_bus_is_away_tabs_poll_and_catch_up_when_it_is_back(
    open_tab: OpenTab, bus: Bus, publish: Publish, care: Team
) -> None:
    first, second = open_tab(), open_tab()
    bus.kill()
    try:
        for page in (first, second):
            wait_for_state(page, "polling")
            page.evaluate("heard.length = 0")
        for page in (first, second):
            wait_for(page, "refresh", seconds=16)
            page.evaluate("heard.length = 0")
    finally:
        bus.start()

    for page in (first, second):
        wait_for_refresh(page)
    publish(care, 8)
    for page in (first, second):
        wait_for(page, "changed")


def test_a_restarted_live_process_is_found_again(
    live_environment: dict[str, str], context: BrowserContext, ana: User, publish: Publish
) -> None:
    port, web_port = free_port(), free_port()
    sign_in_browser(context, ana)
    with served(web_port, live_url=f"http://127.0.0.1:{port}/live") as address:
        with running_live(live_environment, web_port=web_port, port=port):
            page = new_tab(context, address)
        wait_for_state(page, "polling")
        page.evaluate("heard.length = 0")
        with running_live(live_environment, web_port=web_port, port=port):
            wait_for_refresh(page)
            publish(None, 3)
            wait_for(page, "changed")
        context.close()


def test_htmx_fetches_again_what_changed(open_tab: OpenTab, publish: Publish, care: Team) -> None:
    page = open_tab()

    publish(care, 4)
    wait_for(page, "changed")
    assert page.inner_text("p") == "first"
    publish(care, 5)

    expect(page.locator("p")).to_have_text("fetched again")


def test_signing_out_is_said_in_every_tab_and_signing_in_again_revives_them(
    open_tab: OpenTab, context: BrowserContext, ana: User, publish: Publish, care: Team
) -> None:
    first, second = open_tab(), open_tab()

    Session.objects.all().delete()
    for page in (first, second):
        wait_for_state(page, "signed-out")
        page.evaluate("heard.length = 0")
    sign_in_browser(context, ana)
    third = open_tab()
    for page in (first, second):
        wait_for_refresh(page)
    publish(care, 2)

    for page in (first, second, third):
        wait_for(page, "changed")


def new_tab(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    wait_for_refresh(page)
    return page


def sign_in_browser(context: BrowserContext, user: User) -> None:
    context.add_cookies([{"name": "sessionid", "value": sign_in(user), "url": "http://127.0.0.1/"}])


def wait_for_state(page: Page, state: str) -> None:
    page.wait_for_function(
        "state => document.body.dataset.live === state", arg=state, timeout=20_000
    )


def wait_for_refresh(page: Page) -> None:
    """Wait until the tab is live and has caught up, so that what follows is told by itself."""
    wait_for_state(page, "live")
    wait_for(page, "refresh")


def wait_for(page: Page, name: str, *, count: int = 1, seconds: float = 5) -> None:
    page.wait_for_function(
        "([name, count]) => heard.filter((event) => event.name === name).length >= count",
        arg=[name, count],
        timeout=seconds * 1_000,
    )


def heard(page: Page, name: str) -> list[Any]:
    details: list[Any] = page.evaluate(
        "name => heard.filter((event) => event.name === name).map(({ detail }) => detail)", name
    )
    return details
