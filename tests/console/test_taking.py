"""Take next, keep, and being told why: in the pages an agent has open."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.agents.models import Presence, Team, User
from apps.channels.models import Channel
from apps.conversations.models import Conversation
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db


def test_take_next_opens_what_was_due_first(desk: Client, kim: Kim, now: datetime) -> None:
    Team.objects.update(mode=Team.Mode.PULL)
    first = conversation_of(kim.writes(at=now - timedelta(minutes=9)))
    Kim(kim.channel, author_id="later").writes(at=now)
    answer = desk.post("/take-next/", headers=HTMX)
    assert f'data-id="{first.pk}"' in answer.text
    assert answer.headers["HX-Push-Url"] == f"/conversations/{first.pk}/?queue=mine"
    assert "Ana took what was due first." in answer.text


def test_take_next_says_so_where_nothing_waits(desk: Client) -> None:
    answer = desk.post("/take-next/", headers=HTMX)
    assert "Nothing waits that you could take." in answer.text
    assert answer.headers["HX-Retarget"] == "#toasts"
    page = desk.post("/take-next/", follow=True)
    assert "Nothing waits that you could take." in page.text


def test_a_team_that_only_gives_out_has_no_take_next(desk: Client) -> None:
    assert 'id="take-next"' in desk.get("/inbox/mine/").text
    Team.objects.update(mode=Team.Mode.PUSH)
    assert 'id="take-next"' not in desk.get("/inbox/mine/").text


def test_the_list_counts_down_to_when_it_goes_back_and_keep_stops_that(
    desk: Client, kim: Kim, now: datetime
) -> None:
    kim.writes(at=now)
    assert "1 goes back to the queue if you don’t open it" in desk.get("/inbox/mine/").text
    assert desk.post("/keep/", headers=HTMX).status_code == 204
    page = desk.get("/inbox/mine/").text
    assert "goes back" not in page
    assert "back in" not in page


def test_opening_stops_it_too_and_says_why_it_is_hers(
    desk: Client, kim: Kim, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    page = desk.get(f"/conversations/{conversation.pk}/").text
    assert "Why you" in page
    assert "Least loaded on shift: 0 of 500 before this one." in page
    conversation.refresh_from_db()
    assert conversation.returns_at is None


def test_going_off_gives_what_waits_to_others_and_the_story_says_so(
    desk: Client, ana: User, care: Team, kim: Kim, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    ben = people.ben(care)
    desk.post("/presence/", {"standing": "off"}, headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.assignee == ben
    assert "Back in the queue. Ana went off." in desk.get(f"/conversations/{conversation.pk}/").text


def test_letting_somebody_go_gives_their_work_to_others(
    sign_in: SignIn, mia: User, ana: User, care: Team, kim: Kim, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    ben = people.ben(care)
    sign_in(mia).post(f"/settings/people/{ana.pk}/let-go/")
    conversation.refresh_from_db()
    assert conversation.assignee == ben


def test_who_did_not_help_before_reads_the_handover_card(
    desk: Client, ana: User, care: Team, brand_channel: Channel, now: datetime
) -> None:
    ben = people.ben(care)
    kim = Kim(brand_channel)
    kim.writes(at=now - timedelta(days=9), external_id="1")
    words = "a new router comes on Friday ^BW"
    answer = people.brand_says(brand_channel, words, at=now - timedelta(days=8), parent_id="1")
    people.arrive(brand_channel, answer, at=now - timedelta(days=8))
    Presence.objects.filter(user=ben).update(chosen="off")
    asked = kim.writes("still drops", at=now)
    assert Conversation.objects.get(messages=asked).assignee == ana
    page = desk.get(f"/conversations/{conversation_of(asked).pk}/").text
    assert "Handed over from Ben" in page
    assert page.count(words) >= 2  # in the card, and in the story above
