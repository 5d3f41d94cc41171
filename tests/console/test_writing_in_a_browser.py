"""Writing in real browsers: two agents at once, two devices of one, a session that ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import Team, User
from apps.channels.measuring import Measure
from apps.channels.models import Channel
from apps.conversations.models import Draft, Message, Snippet
from apps.conversations.operations.reckoning import reckon
from tests import people
from tests.console.conftest import Open
from tests.people import PASSWORD, Kim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(kim: Kim, now: datetime) -> Message:
    return kim.writes("my router drops every evening", at=now - timedelta(minutes=9))


def _nudged(page: Page, name: str, detail: Mapping[str, object]) -> None:
    page.evaluate(
        "([name, detail]) => document.body.dispatchEvent("
        "new CustomEvent(`desk:${name}`, {detail, bubbles: true}))",
        [name, detail],
    )


def test_two_agents_see_each_other_and_the_second_is_shown_the_firsts_answer(
    opens: Open, ana: User, care: Team, asked: Message
) -> None:
    path = f"/conversations/{asked.conversation_id}/"
    here = {"conversation": asked.conversation_id}
    anas, bens = opens(ana, path), opens(people.ben(care), path)
    _nudged(anas, "together", here)
    expect(anas.locator("#together")).to_have_text("Ben has this open")
    bens.keyboard.press("r")
    bens.keyboard.type("Hi Kim, I look into it")
    _nudged(anas, "together", here)
    expect(anas.locator("#together")).to_have_text("Ben is writing…")
    anas.keyboard.press("r")
    anas.keyboard.type("Hi Kim, on it")
    bens.keyboard.press("Control+Enter")
    expect(bens.locator(".message.ours .text")).to_have_text("Hi Kim, I look into it ^BW")
    anas.keyboard.press("Control+Enter")
    expect(anas.locator("#notice")).to_contain_text("Ben Wood answered since you looked")
    expect(anas.locator("#notice blockquote")).to_have_text("Hi Kim, I look into it ^BW")
    expect(anas.locator("#reply-text")).to_have_value("Hi Kim, on it ^AB")
    anas.keyboard.press("Control+Enter")
    expect(anas.locator("#reply-text")).to_have_value("")
    bens.close()
    _nudged(anas, "together", here)
    expect(anas.locator("#together")).to_be_empty()


def test_a_draft_goes_on_at_the_other_device_and_neither_text_is_lost(
    opens: Open, ana: User, asked: Message
) -> None:
    path = f"/conversations/{asked.conversation_id}/"
    desk, phone = opens(ana, path), opens(ana, path)
    told = {"conversation": asked.conversation_id, "user": ana.pk, "page": "0"}
    desk.fill("#reply-text", "begun at the desk")
    expect(desk.locator("#draft-state")).to_have_text("Draft saved")
    _nudged(phone, "draft", told)
    expect(phone.locator("#reply-text")).to_have_value("begun at the desk ^AB")
    phone.fill("#reply-text", "gone on by phone")
    expect(phone.locator("#draft-state")).to_have_text("Draft saved")
    desk.route("**/draft/", _lose_what_is_saved)
    desk.fill("#reply-text", "typed meanwhile")
    expect(desk.locator("#draft-state")).to_contain_text("kept in this browser")
    _nudged(desk, "draft", told)
    offered = desk.locator("#other-draft")
    expect(offered).to_contain_text("gone on by phone")
    expect(desk.locator("#reply-text")).to_have_value("typed meanwhile")
    desk.unroute("**/draft/")
    offered.get_by_role("button", name="Use it").click()
    expect(desk.locator("#reply-text")).to_have_value("gone on by phone")
    expect(offered).to_contain_text("typed meanwhile")


def _lose_what_is_saved(route: Route) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def test_a_session_that_ends_while_somebody_writes_loses_nothing(
    opens: Open, ana: User, asked: Message, live_server: LiveServer
) -> None:
    page = opens(ana, f"/conversations/{asked.conversation_id}/")
    page.fill("#reply-text", "first words")
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    Session.objects.all().delete()
    page.locator("#reply-text").press_sequentially(" and more")
    expect(page.locator("#draft-state")).to_contain_text("Signed out")
    text = page.locator("#reply-text").input_value()
    assert "and more" in text
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/accounts/login/**")
    assert not Message.objects.filter(act__isnull=False).exists()
    page.fill("[name=login]", ana.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value(text)
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    assert Draft.objects.get().text == text


def test_the_desk_says_what_it_knows_of_a_draft_and_helps_to_finish_it(
    opens: Open,
    ana: User,
    mia: User,
    care: Team,
    brand_channel: Channel,
    asked: Message,
    now: datetime,
) -> None:
    canned = "Please send us a direct message with your address, then we look into it. ^BW"
    other = Kim(brand_channel, author_id="omar", name="Omar Nasser").writes("hello?", at=now)
    said = people.brand_says(brand_channel, canned, at=now, parent_id=other.external_id)
    people.arrive(brand_channel, said, at=now)
    reckon(at=now)
    Snippet.objects.create(team=care, name="returns", text="12 Long Road, Leeds")
    page = opens(ana, f"/conversations/{asked.conversation_id}/")
    _counts_as_the_server(page)

    page.keyboard.press("r")
    page.keyboard.type("Please send us a direct message with your address, then we look into it.")
    expect(page.locator("#alike summary")).to_contain_text(
        "100 % like a reply of this desk this week"
    )
    page.fill("#reply-text", "")
    page.keyboard.type("Send it to ;re")
    expect(page.get_by_role("option", selected=True)).to_contain_text("returns")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value("Send it to 12 Long Road, Leeds  ^AB")
    expect(page.locator("#completions")).to_be_hidden()
    expect(page.locator("#alike")).to_have_count(0)

    page.fill("#reply-text", "A sentence about the router. " * 20)
    expect(page.locator("#count")).to_have_text("80 too many")
    expect(page.locator("#count-said")).to_have_text("80 characters too many")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Split into parts").click()
    expect(page.locator("#count")).to_contain_text("2 parts: ")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.ours .text")).to_have_count(2)
    page.keyboard.press("u")
    expect(page.locator("#count")).to_contain_text("2 parts: ")

    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("half a note")
    page.reload()
    expect(page.locator("#note-text")).to_have_value("half a note")
    page.focus("#note-text")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.note .text")).to_contain_text("half a note")
    expect(page.locator("#note-text")).to_have_value("")


def _counts_as_the_server(page: Page) -> None:
    link = "https://acme.example/" + "a" * 60
    texts = ["", "Zoë", "👩‍👩‍👧‍👦 🇩🇪", "日本 “so”…", f"see {link}.", "@kim@far.example hi", "1️⃣ ok"]
    counted = page.evaluate(
        "async ([texts, kinds]) => { const { measure } = await import("
        "'/static/console/js/measure.js');"
        "return kinds.map((kind) => texts.map((text) => measure(kind, text))) }",
        [texts, [str(kind) for kind in Measure]],
    )
    assert counted == [[kind(text) for text in texts] for kind in Measure]
