"""The bell, the list, and what comes in while a page is open."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from apps.agents.models import Team, User
from apps.conversations.models import Notification
from apps.conversations.operations import noting
from socialdesk.live.listeners import Listener
from socialdesk.live.nudges import Batch
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.console.test_browser import anas, complaints
from tests.people import Kim, conversation_of

__all__ = ["anas", "complaints"]  # fixtures

pytestmark = pytest.mark.django_db


def named(kim: Kim, by: User, *, at: datetime, text: str = "@ana see this") -> str:
    """Name Ana in a note, and return the conversation's address."""
    conversation = conversation_of(kim.writes(at=at))
    noting.note(conversation=conversation, text=text, by=by, at=at)
    return f"/conversations/{conversation.pk}/"


def unread(page: str) -> int:
    counted = re.search(r'<b id="unread"( hidden)?>(\d+)', page)
    assert counted is not None
    return int(counted[2])


def test_opening_the_conversation_reads_what_was_told_of_it(
    kim: Kim, ana: User, mia: User, desk: Client, now: datetime
) -> None:
    here = named(kim, mia, at=now, text="@ana <b>see</b> this")
    page = desk.get("/notifications/").text
    assert "Mia Lindt named you in a note" in page
    assert "@ana &lt;b&gt;see&lt;/b&gt; this" in page
    assert unread(page) == 1
    assert 'class="mention unread"' in page

    desk.get(here, headers=HTMX)
    page = desk.get("/notifications/").text
    assert unread(page) == 0
    assert 'class="mention"' in page


def test_all_of_it_can_be_marked_as_read_and_only_ones_own(
    kim: Kim, ana: User, mia: User, desk: Client, sign_in: SignIn, now: datetime
) -> None:
    named(kim, mia, at=now)
    noting.note(conversation=conversation_of(kim.writes(at=now)), text="@mia", by=ana, at=now)
    assert desk.post("/notifications/read/", follow=True).status_code == 200
    assert unread(desk.get("/notifications/").text) == 0
    assert unread(sign_in(mia).get("/notifications/").text) == 1


def test_five_thousand_are_shown_page_by_page(
    kim: Kim,
    ana: User,
    desk: Client,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    Notification.objects.bulk_create(
        Notification(
            recipient=ana,
            kind="breach",
            conversation=conversation,
            clock_kind="next_response",
            since=now - timedelta(minutes=n),
            due_at=now,
            at=now,
        )
        for n in range(5000)
    )
    with django_assert_max_num_queries(8):
        page = desk.get("/notifications/").text
    assert page.count("answer past due since") == 50
    assert '<b id="unread">99+' in page
    more = re.search(r'href="(/notifications/\?before=\d+)"', page)
    assert more is not None
    following = desk.get(more[1], headers=HTMX).text
    assert following.count("answer past due since") == 50
    assert not set(re.findall(r"told-\d+", page)) & set(re.findall(r"told-\d+", following))
    assert desk.get("/notifications/?before=x").status_code == 400


def test_news_tell_only_what_came_since(
    kim: Kim, ana: User, mia: User, desk: Client, now: datetime
) -> None:
    named(kim, mia, at=now)
    first = Notification.objects.get().pk
    named(Kim(kim.channel, author_id="omar", name="Omar"), mia, at=now)
    news = desk.get(f"/notifications/news/?after={first}", headers=HTMX).text
    assert news.count('class="toast') == 1
    assert "<bdi>Omar</bdi>" in news
    assert unread(news) == 2
    again = re.search(r"after=(\d+)", news)
    assert again is not None
    quiet = desk.get(f"/notifications/news/?after={again[1]}", headers=HTMX).text
    assert 'class="toast' not in quiet


@pytest.mark.django_db(transaction=True)
def test_a_notification_appears_on_the_open_page_and_is_reached_by_keyboard(
    kim: Kim, mia: User, now: datetime, anas: Page
) -> None:
    expect(anas.locator("#unread")).to_be_hidden()
    anas.locator("#rail").wait_for()
    named(kim, mia, at=now)
    anas.evaluate("document.body.dispatchEvent(new CustomEvent('desk:notified'))")
    expect(anas.locator(".toast")).to_contain_text("Mia Lindt named you in a note")
    expect(anas.locator("#unread")).to_have_text("1 unread")

    anas.keyboard.press("g")
    anas.keyboard.press("n")
    expect(anas.get_by_role("heading", name="Notifications")).to_be_visible()
    anas.locator(".told a").focus()
    anas.keyboard.press("Enter")
    expect(anas.locator("#conversation h2")).to_have_text("Kim Lee")
    expect(anas.locator("#unread")).to_be_hidden()


@pytest.mark.django_db(transaction=True)
def test_a_colleague_is_named_by_a_few_letters(
    kim: Kim, care: Team, mia: User, now: datetime, anas: Page
) -> None:
    for name in ("Ben Wood", "Benno Weiß"):
        people.a_user(name, team=care)
    kim.writes(at=now)
    anas.reload()
    anas.keyboard.press("j")
    anas.locator("#composer").wait_for()
    anas.keyboard.press("n")
    offered = anas.locator("#names li:visible")
    anas.keyboard.type("ask x@be, or @be")
    expect(offered).to_have_text(["Ben Wood", "Benno Weiß"])
    anas.keyboard.press("ArrowDown")
    anas.keyboard.press("Enter")
    expect(anas.locator("#note-text")).to_have_value("ask x@be, or @Benno Weiß ")
    anas.keyboard.type("or @mi")
    expect(offered).to_have_text(["Mia Lindt"])
    anas.keyboard.press("Escape")
    expect(offered).to_have_count(0)
    anas.keyboard.type("a!")
    anas.keyboard.press("Control+Enter")
    expect(anas.locator(".message.note")).to_contain_text("@Benno Weiß or @mia!")
    told = Notification.objects.filter(kind="mention").values_list("recipient__name", flat=True)
    assert sorted(told) == ["Benno Weiß", "Mia Lindt"]


def test_a_nudge_goes_to_its_person_alone() -> None:
    batch = Batch()
    batch.add(b'{"kind": "notified", "team": null, "to": 7}')
    [(audience, frame)] = batch.frames()
    assert frame == b'data: {"kind":"notified"}\n\n'
    assert Listener(7, frozenset()).hears(audience)
    assert not Listener(8, None).hears(audience)
