"""Promises to customers: made of our words, reminded of once, settled by a person."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Message, Notification, Pledge
from apps.conversations.operations import noting, pledging, replying
from apps.customers.operations import merge
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, a_team, ana, ben, conversation_of, minutes

pytestmark = pytest.mark.django_db
FRIDAY = NOON + timedelta(days=4)


@pytest.fixture
def agent() -> User:
    return ana(capacity=500)


@pytest.fixture
def channel(agent: User) -> Channel:
    return a_channel()


@pytest.fixture
def note(channel: Channel, agent: User) -> Message:
    asked = conversation_of(Kim(channel).writes())
    return noting.note(conversation=asked, text="a new router comes\nby Friday", by=agent, at=NOON)


def promise(message: Message, by: User, words: str = "comes by Friday") -> Pledge:
    return pledging.pledge(message=message, words=words, due_at=FRIDAY, by=by, at=NOON)


def test_our_words_become_a_dated_promise_once(note: Message, agent: User) -> None:
    made = promise(note, agent)
    assert (made.words, made.due_at, made.identity) == (
        "comes by Friday",
        FRIDAY,
        conversation_of(note).identity,
    )
    with pytest.raises(Conflict):
        promise(note, agent)
    event = Event.objects.get(kind="promised")
    assert (event.message_id, event.data["pledge"]) == (note.pk, made.pk)
    assert "Friday" not in str(event.data)


def test_what_is_no_promise_is_refused(note: Message, agent: User) -> None:
    inbound = Message.objects.get(direction="inbound")
    with pytest.raises(DeskError, match="words of ours"):
        pledging.pledge(message=inbound, words="router", due_at=FRIDAY, by=agent, at=NOON)
    with pytest.raises(DeskError, match="don't stand in the message"):
        promise(note, agent, words="free beer")
    with pytest.raises(DeskError, match="in the future"):
        pledging.pledge(message=note, words="comes", due_at=NOON, by=agent, at=NOON)
    with pytest.raises(DeskError, match="Another team"):
        promise(note, ben(a_team("Shop")))
    assert not Pledge.objects.exists()


def test_everybody_concerned_is_reminded_once_before_it_is_due(note: Message, agent: User) -> None:
    promise(note, agent)
    assert pledging.warn_of_pledges(at=FRIDAY - minutes(16)) == 0
    assert pledging.warn_of_pledges(at=FRIDAY - minutes(14)) == 1
    assert pledging.warn_of_pledges(at=FRIDAY + minutes(14)) == 0
    told = Notification.objects.get(kind="pledge")
    assert (told.recipient, told.message, told.due_at) == (agent, note, FRIDAY)


def test_a_promise_taken_back_or_settled_is_nobodys_reminder(
    channel: Channel, note: Message, agent: User
) -> None:
    reply = replying.reply(
        conversation=conversation_of(note), text="by Friday", by=agent, session_key="s", at=NOON
    )
    promise(reply, agent, words="by Friday")
    replying.undo(message=reply, by=agent, at=NOON)
    kept = promise(note, agent)
    pledging.settle(pledge=kept, state="kept", note="came on Tuesday", by=agent, at=NOON)
    pledging.warn_of_pledges(at=FRIDAY)
    assert not Notification.objects.filter(kind="pledge").exists()
    assert list(Pledge.objects.made_to(conversation_of(note).identity.customer)) == [kept]


def test_two_sweeps_at_once_remind_once(note: Message, agent: User) -> None:
    promise(note, agent)
    with transaction.atomic():
        assert pledging.warn_of_pledges(at=FRIDAY) == 1
    assert pledging.warn_of_pledges(at=FRIDAY) == 0
    assert Notification.objects.filter(kind="pledge").count() == 1


def test_it_follows_the_customer_and_is_settled_once_by_whoever_helps(
    note: Message, agent: User
) -> None:
    made = promise(note, agent)
    shop = a_channel("@acme_shop", team=a_team("Shop"))
    other = ben(a_team("Shop"))
    with pytest.raises(DeskError, match="Another team"):
        pledging.settle(pledge=made, state="broken", note="", by=other, at=NOON)
    again = Kim(shop, author_id="kim2").writes()
    assert again.identity is not None
    merge(one=made.identity, other=again.identity, reason="said so", by=agent, at=NOON)
    pledging.settle(pledge=made, state="broken", note="the post lost it", by=other, at=NOON)
    with pytest.raises(Conflict, match="Ben Wood"):
        pledging.settle(pledge=made, state="kept", note="", by=agent, at=NOON)
    assert Event.objects.filter(kind="promise_broken", by_id=other.pk).count() == 1
