"""Where the time of answers went, from a post on a network to the answer there."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.legs import Happened, marks_of
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import assigning, drafting, sending
from apps.ledger.models import Event
from apps.reports.legs import legs
from apps.reports.periods import Period
from apps.reports.questions import Question
from apps.sla.legs import Leg, Marks
from tests.people import NOON, Kim, a_channel, ana, arrive, ben, brand_says, mia, minutes
from tests.practice import asked_on_square, reply, without_undo


def marks(*events: Happened) -> Marks:
    return marks_of(events, received_at=NOON, sent_at=NOON + minutes(30))


def at(minute: float) -> datetime:
    return NOON + minutes(minute)


def test_assigned_before_the_question_came_it_was_in_nobodys_queue() -> None:
    before = (at(-60), "assigned", 7)
    assert marks(before).assigned_at == NOON
    assert marks(before, (at(-1), "returned", 7)).assigned_at is None
    assert marks((at(-1), "reopened", None)).assigned_at is None
    assert marks((at(-1), "reopened", 7)).assigned_at == NOON


def test_the_first_assignment_after_the_question_ends_the_queue() -> None:
    given = [(at(-1), "unassigned", 7), (at(4), "assigned", 8), (at(9), "assigned", 9)]
    assert marks(*given).assigned_at == at(4)


def test_what_was_opened_before_the_question_came_was_not_read_then() -> None:
    assert marks((at(-1), "opened", 7), (at(6), "opened", 7)).read_at == at(6)
    assert marks((at(-1), "opened", 7)).read_at is None


@pytest.mark.django_db
def test_opening_is_an_event_once_for_what_was_written_last() -> None:
    agent, channel = ana(), a_channel()
    kim = Kim(channel)
    asked = kim.writes(at=NOON, external_id="1")

    def opens(minute: float, by: User = agent) -> None:
        conversation = Conversation.objects.get(messages=asked)
        assigning.note_opened(conversation=conversation, by=by, at=at(minute))

    opens(1, by=ben())
    for minute in (2, 3):
        opens(minute)
    kim.writes(at=at(4), external_id="2", parent_id="1")
    opens(5)
    arrive(channel, brand_says(channel, "done", at=at(6), parent_id="2"), at=at(6))
    opens(7)
    kim.writes(at=at(8), external_id="3", parent_id="1")
    conversation = Conversation.objects.get(messages=asked)
    for minute in (9, 10):
        drafting.save_draft(conversation=conversation, text="Hi", by=agent, at=at(minute))
    opened = Event.objects.filter(kind="opened").order_by("id")
    assert [event.at for event in opened] == [at(2), at(5), at(9)]


@pytest.mark.django_db(transaction=True)
def test_an_answer_written_here_shows_where_its_time_went(channel: Channel) -> None:
    agent = without_undo()
    asked = asked_on_square(channel)
    browser = Client()
    browser.force_login(agent)
    address = f"/conversations/{asked.conversation_id}/"
    browser.get(address)
    reply(asked, by=agent)
    sending.send_due()
    [clock] = Clock.objects.filter(kind="first_response")
    assert sum(clock.legs.values(), timedelta()) == (clock.stopped_at or NOON) - clock.started_at
    assert [clock.received_at, clock.sent_at] == [asked.received_at, agent.acts.get().at]
    opened = Event.objects.get(kind="opened")
    assert clock.read_at == opened.at
    page = browser.get(address).text
    assert "until the answer was sent" in page

    today = Period.of_days(1, at=timezone.now())
    found = legs(Question(user=mia(), period=today, at=timezone.now()))
    assert found.count == 1
    assert sum(line.share for line in found.lines) == pytest.approx(1)
    assert [line.p50 for line in found.lines if line.leg is Leg.WRITE] == [
        clock.legs[Leg.WRITE].total_seconds()
    ]


@pytest.mark.django_db
def test_an_answer_made_on_the_network_itself_is_not_measured() -> None:
    ana()
    channel = a_channel()
    Kim(channel).writes(at=NOON, external_id="1")
    arrive(channel, brand_says(channel, "done", at=at(6), parent_id="1"), at=at(6))
    assert Clock.objects.get(kind="first_response").legs == {}
    noon = Period(NOON.date(), NOON.date())
    assert legs(Question(user=mia(), period=noon, at=NOON)).count == 0
