"""The console in a real browser, by keyboard alone."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import APIResponse, ConsoleMessage, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from apps.conversations.models import Message
from tests import people
from tests.console.conftest import SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser found wrong; that no live stream listens here is meant."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "/live" not in str(message.location):
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def anas(
    page: Page, live_server: LiveServer, ana: User, sign_in: SignIn, complaints: list[str]
) -> Iterator[Page]:
    """Ana's browser; at the end it must have nothing to complain about."""
    cookie = sign_in(ana).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.set_default_timeout(10_000)
    page.goto(f"{live_server.url}/inbox/mine/")
    yield page
    page.context.close()
    assert complaints == []


def replies() -> list[str]:
    return list(
        Message.objects.filter(direction="outbound", origin="desk").values_list("text", flat=True)
    )


def something_changed(page: Page) -> None:
    """What live.js says when a nudge comes."""
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('desk:changed', {bubbles: true}));"
        "document.body.dispatchEvent(new CustomEvent('desk:refresh', {bubbles: true}))"
    )


@pytest.fixture
def two_wait(ana: User, kim: Kim, now: datetime) -> None:
    """Kim and, later, Omar: both come to Ana."""
    kim.writes("my router drops every evening", at=now - timedelta(minutes=9))
    Kim(kim.channel, author_id="omar", name="Omar Nasser").writes(
        "where is my order?", at=now - timedelta(minutes=3)
    )


def test_ana_answers_by_keyboard_alone(two_wait: None, anas: Page) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#conversation h2")).to_have_text("Kim Lee")
    anas.keyboard.press("j")
    expect(anas.locator("#conversation h2")).to_have_text("Omar Nasser")
    anas.keyboard.press("k")
    expect(anas.locator("#conversation h2")).to_have_text("Kim Lee")

    anas.keyboard.press("r")
    anas.keyboard.type("Hi Kim, looking into it.")
    expect(anas.locator("#reply-text")).to_have_value("Hi Kim, looking into it. ^AB")
    expect(anas.locator("#count")).to_have_text("28 / 500")
    anas.keyboard.press("Control+Enter")
    expect(anas.locator(".message.ours .sending")).to_contain_text("Leaves in")
    expect(anas.locator("#reply-text")).to_have_value("")
    assert replies() == ["Hi Kim, looking into it. ^AB"]

    anas.keyboard.press("u")
    expect(anas.locator("#reply-text")).to_have_value("Hi Kim, looking into it. ^AB")
    expect(anas.locator(".message.ours")).to_have_count(0)


def test_sending_twice_sends_once_and_at_once(two_wait: None, anas: Page) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#reply-text")).to_be_visible()
    anas.keyboard.press("r")
    anas.keyboard.type("on my way")
    anas.keyboard.press("Control+Enter")
    anas.keyboard.press("Control+Enter")

    expect(anas.locator(".message.ours .sending")).to_contain_text("About to leave")
    assert replies() == ["on my way ^AB"]


def test_a_refresh_leaves_what_is_being_typed_alone(
    two_wait: None, kim: Kim, anas: Page, now: datetime
) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#reply-text")).to_be_visible()
    anas.keyboard.press("r")
    anas.keyboard.type("half a sentence")
    anas.keyboard.press("ArrowLeft")
    first = Message.objects.filter(conversation__identity__name="Kim Lee").get()
    kim.writes("are you there?", at=now, parent_id=first.external_id)
    Kim(kim.channel, author_id="ida", name="Ida New").writes("me too", at=now)

    something_changed(anas)

    expect(anas.locator("#story")).to_contain_text("are you there?")
    expect(anas.locator("#rows")).to_contain_text("Ida New")
    area = anas.locator("#reply-text")
    expect(area).to_be_focused()
    expect(area).to_have_value("half a sentence ^AB")
    assert area.evaluate("area => area.selectionStart") == len("half a sentenc")


def test_an_older_draft_that_is_told_late_takes_nothing_that_was_saved_since(
    two_wait: None, anas: Page
) -> None:
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            held.append((route, route.fetch()))
        else:
            route.continue_()

    anas.keyboard.press("j")
    expect(anas.locator("#reply-text")).to_be_visible()
    anas.keyboard.press("r")
    anas.route("**/draft/", hold)
    with anas.expect_request("**/draft/"):
        something_changed(anas)
    anas.keyboard.type("half a sentence")
    expect(anas.locator("#draft-state")).to_have_text("Draft saved")
    for route, answer in held:
        route.fulfill(response=answer)
    anas.wait_for_timeout(300)
    expect(anas.locator("#reply-text")).to_have_value("half a sentence ^AB")


def test_what_the_customer_wrote_meanwhile_stops_the_reply_once(
    two_wait: None, kim: Kim, anas: Page, now: datetime, complaints: list[str]
) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#reply-text")).to_be_visible()
    first = Message.objects.filter(conversation__identity__name="Kim Lee").get()
    anas.keyboard.press("r")
    anas.keyboard.type("sorry to hear")
    kim.writes("never mind, it works", at=now, parent_id=first.external_id)

    anas.keyboard.press("Control+Enter")
    expect(anas.locator("#notice")).to_contain_text("never mind, it works")
    expect(anas.locator("#reply-text")).to_have_value("sorry to hear ^AB")
    assert replies() == []
    complaints.clear()  # the browser itself notes the 409

    anas.keyboard.press("Control+Enter")
    expect(anas.locator(".message.ours .text")).to_have_text("sorry to hear ^AB")


def test_a_draft_is_there_again_after_the_page_went_away(two_wait: None, anas: Page) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#reply-text")).to_be_visible()
    anas.keyboard.press("r")
    anas.keyboard.type("not finished")
    anas.reload()

    expect(anas.locator("#reply-text")).to_have_value("not finished ^AB")


def test_resolving_by_keyboard_asks_why_and_the_keyboard_goes_on(
    two_wait: None, anas: Page
) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#resolve-menu")).to_be_visible()
    anas.keyboard.press("e")
    anas.keyboard.press("ArrowDown")
    anas.keyboard.press("Enter")
    expect(anas.locator("#head")).to_contain_text("Resolved")
    expect(anas.locator("#story")).to_contain_text("no reply needed: Answered elsewhere")
    expect(anas.locator("#rows .row")).to_have_count(1)

    anas.keyboard.press("j")
    expect(anas.locator("#conversation h2")).to_have_text("Omar Nasser")


def test_putting_off_by_keyboard_and_finding_it_again(two_wait: None, anas: Page) -> None:
    keyboard = anas.keyboard
    keyboard.press("j")
    expect(anas.locator("#head h2")).to_have_text("Kim Lee")
    keyboard.press("s")
    expect(anas.locator("#snooze-menu .pick").first).to_be_focused()
    anas.locator("#snooze-until").fill("2026-01-01T09:00")
    something_changed(anas)
    anas.wait_for_timeout(900)
    expect(anas.locator("#snooze-until")).to_have_value("2026-01-01T09:00")
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(anas.locator("#snooze-menu summary")).to_contain_text("until")
    expect(anas.locator("#rows .row")).to_have_count(1)
    expect(anas.locator("[data-go='snoozed'] b")).to_have_text("1")
    keyboard.press("g")
    keyboard.press("z")
    expect(anas.locator("#rows .row .name")).to_have_text("Kim Lee")
    keyboard.press("j")
    expect(anas.locator("#snooze-menu summary")).to_contain_text("until")
    keyboard.press("s")
    expect(anas.locator("#snooze-menu .pick").first).to_be_focused()
    expect(anas.locator("#snooze-menu .pick").first).to_have_text("Bring it back now")
    keyboard.press("Enter")
    expect(anas.locator("#rows .row")).to_have_count(0)


def test_going_back_shows_what_was_open_before(two_wait: None, anas: Page) -> None:
    for name in ("Kim Lee", "Omar Nasser"):
        anas.keyboard.press("j")
        expect(anas.locator("#conversation h2")).to_have_text(name)
    anas.go_back()

    expect(anas.locator("#conversation h2")).to_have_text("Kim Lee")
    expect(anas.locator("#rows .row")).to_have_count(2)


def test_a_refused_send_says_so_and_keeps_the_text(
    two_wait: None, anas: Page, complaints: list[str]
) -> None:
    anas.keyboard.press("j")
    expect(anas.locator("#reply-text")).to_be_visible()
    anas.route(re.compile("/reply/"), lambda route: route.abort())
    anas.keyboard.press("r")
    anas.keyboard.type("hello")
    anas.keyboard.press("Control+Enter")

    expect(anas.locator("#toasts")).to_contain_text("could not be reached")
    expect(anas.locator("#reply-text")).to_have_value("hello ^AB")
    complaints.clear()  # the browser itself notes the failed request


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_breaks_no_policy(
    two_wait: None,
    anas: Page,
    live_server: LiveServer,
    kim: Kim,
    width: int,
    scheme: str,
    now: datetime,
) -> None:
    long_word = Kim(kim.channel, author_id="w", name="W" * 500).writes("w" * 5000, at=now)
    people.arrive(
        kim.channel,
        people.brand_says(kim.channel, "done", at=now, parent_id=long_word.external_id),
        at=now,
    )
    customer = long_word.identity.customer_id if long_word.identity else 0
    anas.set_viewport_size({"width": width, "height": 844})
    anas.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    figure = "/dashboard/conversations/?kind=first_response&standing=answered"
    for path in (
        "/inbox/everyone/",
        "/inbox/snoozed/",
        f"/conversations/{long_word.conversation_id}/",
        f"/customers/{customer}/",
        "/dashboard/",
        figure,
        "/set-aside/",
    ):
        anas.goto(live_server.url + path)
        assert anas.evaluate("document.documentElement.scrollWidth") <= width, path


def test_rows_are_appended_as_they_are_scrolled_and_stay_where_they_are(
    many_write: Callable[[int], None], anas: Page, live_server: LiveServer
) -> None:
    many_write(120)
    anas.goto(f"{live_server.url}/inbox/everyone/")
    expect(anas.locator("#rows .row")).to_have_count(50)
    for count in (100, 120):
        anas.locator("#rows").evaluate("rows => rows.scrollTo(0, rows.scrollHeight)")
        expect(anas.locator("#rows .row")).to_have_count(count)
    place = anas.locator("#rows").evaluate("rows => rows.scrollTop")
    something_changed(anas)
    anas.wait_for_load_state("networkidle")

    expect(anas.locator("#rows .row")).to_have_count(120)
    assert anas.locator("#rows").evaluate("rows => rows.scrollTop") == place


def test_being_there_and_taking_next_by_keyboard(
    anas: Page, ana: User, kim: Kim, now: datetime
) -> None:
    anas.keyboard.press("p")
    anas.keyboard.press("a")
    expect(anas.locator("[data-presence='away']")).to_have_attribute("aria-pressed", "true")
    kim.writes(at=now)
    anas.keyboard.press("Space")
    expect(anas.locator("#story")).to_contain_text("Ana took what was due first.")
    expect(anas).to_have_url(re.compile(r"/conversations/\d+/\?queue=mine$"))

    anas.keyboard.press("p")
    anas.keyboard.press("o")
    expect(anas.locator("[data-presence='on']")).to_have_attribute("aria-pressed", "true")
    Kim(kim.channel, author_id="ida", name="Ida New").writes("me too", at=now)
    something_changed(anas)
    expect(anas.locator("#returning")).to_contain_text("goes back to the queue")
    anas.keyboard.press("Shift+K")
    expect(anas.locator("#returning")).to_have_count(0)


def test_a_life_story_is_read_searched_and_jumped_in(
    ana: User, kim: Kim, anas: Page, live_server: LiveServer, now: datetime
) -> None:
    years_ago = now - timedelta(days=800)
    first = kim.writes("my order 88-1204, in Leeds, LS6", at=years_ago)
    people.arrive(
        kim.channel,
        *(
            kim.says(
                f"long ago {n} <b>bold</b>",
                at=years_ago + timedelta(minutes=n),
                parent_id=first.external_id,
            )
            for n in range(150)
        ),
        at=now,
    )
    present = kim.writes("it drops again " + "א" * 2000, at=now - timedelta(minutes=5))
    anas.goto(f"{live_server.url}/conversations/{present.conversation_id}/")
    expect(anas.locator("#timeline .message")).to_have_count(60)
    for count in (120, 152):
        anas.locator("#flow").evaluate("flow => flow.scrollTo(0, -flow.scrollHeight)")
        expect(anas.locator("#timeline .message")).to_have_count(count)
    expect(anas.locator("#older")).to_have_count(0)

    anas.reload()
    anas.locator("#brief .told a", has_text="88-1204").click()
    expect(anas.locator(f"#m-{first.pk}.marked")).to_be_in_viewport()
    expect(anas.locator("#story")).to_have_count(0)
    something_changed(anas)
    anas.wait_for_load_state("networkidle")
    expect(anas.locator(f"#m-{first.pk}.marked")).to_be_in_viewport()

    anas.keyboard.press("f")
    anas.keyboard.type("LONG AGO 14")
    anas.keyboard.press("Enter")
    expect(anas.locator("#finder-count")).to_have_text("1 of 11")
    expect(anas.locator(".message.marked")).to_contain_text("long ago 149 <b>bold</b>")
    assert anas.evaluate("CSS.highlights.get('found').size") > 0
    anas.keyboard.press("Enter")
    expect(anas.locator("#finder-count")).to_have_text("2 of 11")
    expect(anas.locator(".message.marked")).to_contain_text("long ago 148")
    anas.locator("#finder-day").fill(f"{years_ago:%Y-%m-%d}")
    expect(anas.locator(f"#m-{first.pk}.marked")).to_be_in_viewport()
    anas.keyboard.press("Escape")
    expect(anas.locator("#finder")).to_be_hidden()

    anas.keyboard.press("r")
    anas.keyboard.type("Hello again")
    anas.keyboard.press("Control+Enter")
    expect(anas.locator("#story .message.ours")).to_be_in_viewport()
    assert anas.evaluate("document.documentElement.scrollWidth") <= 1280
