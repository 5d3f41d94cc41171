"""Putting off from the page: what is offered, what is typed, and where it stands meanwhile."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from apps.agents.models import User
from apps.common.counting import counted_together
from apps.console.snoozes import offered
from apps.conversations.models import Conversation
from apps.conversations.operations import snoozing
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Place, Queue
from tests import people
from tests.console.conftest import HTMX
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("now", "offers"),
    [
        (
            "2026-11-25T14:07",
            "In an hour 25 15:15, Later today 25 17:15, Tomorrow 26 09:00, Monday 30 09:00",
        ),
        ("2026-11-27T19:30", "In an hour 27 20:30, Tomorrow 28 09:00, Monday 30 09:00"),
        ("2026-11-29T23:50", "In an hour 30 01:00, Tomorrow 30 09:00"),
        (
            "2026-11-30T08:00",
            "In an hour 30 09:00, Later today 30 11:00, Tomorrow 01 09:00, Next Monday 07 09:00",
        ),
    ],
)
def test_what_is_offered_is_soonest_first_and_in_the_desks_zone(now: str, offers: str) -> None:
    here = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("America/New_York"))
    with override_settings(TIME_ZONE="America/New_York"), timezone.override("America/New_York"):
        shown = [f"{s.label} {timezone.localtime(s.until):%d %H:%M}" for s in offered(here)]
    assert ", ".join(shown) == offers


def test_tomorrow_is_nine_on_the_wall_also_when_the_clocks_change() -> None:
    saturday = datetime(2026, 10, 24, 12, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        [tomorrow] = [snooze.until for snooze in offered(saturday) if snooze.label == "Tomorrow"]
    assert tomorrow.astimezone(UTC) == datetime(2026, 10, 25, 8, tzinfo=UTC)


def test_a_button_puts_it_off_and_it_stands_among_the_snoozed_until_then(
    kim: Kim, desk: Client, ana: User, now: datetime
) -> None:
    conversation = conversation_of(kim.writes("it drops", at=now - timedelta(minutes=3)))
    page = desk.get(f"/conversations/{conversation.pk}/").text
    until = re.findall(r'name="until" value="([^"]+)"', page)[-1]
    answer = desk.post(f"/conversations/{conversation.pk}/snooze/", {"until": until}, headers=HTMX)
    assert "Ana Bauer snoozed it until" in answer.text
    assert "desk:acted" in answer.headers["HX-Trigger"]
    conversation.refresh_from_db()
    assert conversation.snoozed_until == datetime.fromisoformat(until)
    assert f'id="row-{conversation.pk}"' not in desk.get("/inbox/mine/").text
    put_off = desk.get("/inbox/snoozed/").text
    assert f'id="row-{conversation.pk}"' in put_off
    assert 'data-go="snoozed" aria-current="page"' in put_off
    assert "Snoozed <b>1</b>" in put_off


def test_a_typed_time_is_the_desks_own_and_works_without_javascript(
    kim: Kim, desk: Client, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    typed = f"{timezone.localtime(now + timedelta(days=9)):%Y-%m-%d}T08:30"
    page = desk.post(f"/conversations/{conversation.pk}/snooze/", {"until": typed}, follow=True)
    assert page.redirect_chain == [(f"/conversations/{conversation.pk}/", 302)]
    conversation.refresh_from_db()
    assert conversation.snoozed_until is not None
    assert f"{timezone.localtime(conversation.snoozed_until):%Y-%m-%dT%H:%M}" == typed
    assert 'data-go="snoozed" aria-current="page"' in page.text
    desk.post(f"/conversations/{conversation.pk}/wake/")
    assert "Ana Bauer ended the snooze" in desk.get(f"/conversations/{conversation.pk}/").text


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("", "Say when it should come back."),
        ("next week", "Say a day and a time"),
        ("2001-01-01T09:00", "That time has passed. Choose a later one."),
        ("9999-12-31T23:59", "That is more than a year away."),
    ],
)
def test_a_time_that_cannot_be_says_what_to_do(
    kim: Kim, desk: Client, until: str, said: str
) -> None:
    conversation = conversation_of(kim.writes())
    address = f"/conversations/{conversation.pk}/snooze/"
    answer = desk.post(address, {"until": until}, headers=HTMX)
    assert answer.status_code == 422
    assert said in answer.text
    assert said in desk.post(address, {"until": until}, follow=True).text


def test_what_the_customer_wrote_meanwhile_is_not_put_off_unread(
    kim: Kim, desk: Client, now: datetime
) -> None:
    asked = kim.writes(at=now - timedelta(minutes=2))
    kim.writes("never mind", at=now, parent_id=asked.external_id)
    typed = {"until": "2099-01-01T09:00", "seen": asked.pk}
    answer = desk.post(f"/conversations/{asked.conversation_id}/snooze/", typed, headers=HTMX)
    assert answer.status_code in {409, 422}
    assert conversation_of(asked).state == "open"


def test_the_snoozed_come_in_the_order_in_which_they_come_back_each_once(
    ana: User, desk: Client, now: datetime
) -> None:
    channels = [people.a_channel(f"@c{n}") for n in range(2)]
    expected = []
    for number in range(7):
        asked = Kim(channels[number % 2], author_id=f"p{number}").writes(at=now)
        conversation = conversation_of(asked)
        until = now + timedelta(hours=1 + number // 3)
        snoozing.snooze(conversation=conversation, until=until, by=ana, at=now)
        expected.append(conversation.pk)
    shown: list[int] = []
    after: Place | None = None
    while True:
        page = inbox.page(ana, Asked(Queue.SNOOZED), at=now, after=after, limit=3)
        shown += [row.conversation.pk for row in page.rows]
        if (after := page.next) is None:
            break
        after = Place.parse(str(after))
    assert shown == expected
    assert counted_together(inbox.to_count(ana, {"put off": Asked(Queue.SNOOZED)}, at=now)) == {
        "put off": 7
    }


def test_another_teams_snoozed_are_not_shown(ana: User, now: datetime) -> None:
    shop = people.a_team("Shop")
    omar = people.ben(shop)
    conversation = conversation_of(Kim(people.a_channel("@shop", team=shop)).writes(at=now))
    snoozing.snooze(conversation=conversation, until=now + timedelta(hours=1), by=omar, at=now)
    assert inbox.page(ana, Asked(Queue.SNOOZED), at=now).rows == []
    assert counted_together(inbox.to_count(ana, {"put off": Asked(Queue.SNOOZED)}, at=now)) == {
        "put off": 0
    }


def test_what_woke_says_so_and_is_resolved_without_a_reason(
    kim: Kim, desk: Client, ana: User, now: datetime
) -> None:
    asked = kim.writes(at=now - timedelta(minutes=9))
    done = people.brand_says(
        kim.channel, "done", at=now - timedelta(minutes=8), parent_id=asked.external_id
    )
    people.arrive(kim.channel, done, at=now - timedelta(minutes=8))
    conversation = conversation_of(asked)
    snoozing.snooze(
        conversation=conversation,
        until=now - timedelta(minutes=1),
        by=ana,
        at=now - timedelta(minutes=7),
    )
    snoozing.wake_due(at=now)
    page = desk.get(f"/conversations/{conversation.pk}/?queue=mine").text
    assert "Back: the snooze is over" in page
    assert "back since" in page
    assert "resolve-menu" not in page
    desk.post(f"/conversations/{conversation.pk}/resolve/", headers=HTMX)
    assert Conversation.objects.get().state == "resolved"


def test_a_pause_shows_in_the_head_and_the_story_and_can_be_ended_there(
    kim: Kim, desk: Client, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    address = f"/conversations/{conversation.pk}/"
    assert "Pause the resolution: it waits on the customer" in desk.get(address).text
    paused = desk.post(f"{address}pause/", {"paused_for": "customer"}, headers=HTMX).text
    assert "Ana Bauer paused the resolution: waiting on the customer" in paused
    assert "The resolution is paused, waiting on the customer" in paused
    assert "paused</span>" in desk.get("/inbox/mine/").text
    assert (
        "Ana Bauer let the resolution go on" in desk.post(f"{address}unpause/", headers=HTMX).text
    )
    assert desk.post(f"{address}unpause/", headers=HTMX).status_code == 409
    assert desk.post(f"{address}pause/", {"paused_for": "tea"}).status_code == 400
