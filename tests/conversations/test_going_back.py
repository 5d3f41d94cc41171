"""Work that goes back to the queue: off, shift's end, gone for good, or never opened."""

from datetime import timedelta

import pytest

from apps.agents.models import Presence, Shift, Team, User
from apps.agents.operations import choose, deactivate
from apps.channels.models import Channel
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning, returning, routing
from apps.ledger.models import Event
from tests.people import (
    NOON,
    Kim,
    a_channel,
    ana,
    arrive,
    ben,
    brand_says,
    conversation_of,
    mia,
    minutes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anas() -> Conversation:
    """A conversation that the router gave to Ana, who is alone."""
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes(at=NOON, external_id="1"))
    assert conversation.assignee == agent
    return conversation


def told(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    event = Event.objects.get(kind="returned", conversation_id=conversation.pk)
    return str(event.data["because"])


def test_who_goes_off_hands_back_what_waits_and_another_has_it_at_once(anas: Conversation) -> None:
    agent, colleague = User.objects.get(), ben()
    choose(user=agent, standing=Presence.Standing.OFF, at=NOON + minutes(5))
    assert returning.hand_back(at=NOON + minutes(5)) == 1
    assert told(anas) == "Ana went off."
    assert anas.assignee == colleague
    assert Event.objects.get(kind="returned").user_id == agent.pk


def test_who_is_away_keeps_what_they_have(anas: Conversation) -> None:
    choose(user=User.objects.get(), standing=Presence.Standing.AWAY, at=NOON + minutes(5))
    assert returning.hand_back(at=NOON + minutes(6)) == 0


def test_what_was_answered_stays_until_the_customer_writes_again(anas: Conversation) -> None:
    channel = Channel.objects.get()
    answer = brand_says(channel, "done ^AB", at=NOON + minutes(1), parent_id="1")
    arrive(channel, answer, at=NOON + minutes(1))
    choose(user=User.objects.get(), standing=Presence.Standing.OFF, at=NOON + minutes(5))
    assert returning.hand_back(at=NOON + minutes(5)) == 0
    Kim(channel).writes("still broken", at=NOON + minutes(9), parent_id="1")
    assert returning.hand_back(at=NOON + minutes(9)) == 1
    assert told(anas) == "Ana went off."


def test_a_shift_that_ended_hands_back(anas: Conversation) -> None:
    Shift.objects.update(ends_at=NOON + minutes(10))
    assert returning.hand_back(at=NOON + minutes(9)) == 0
    assert returning.hand_back(at=NOON + minutes(10)) == 1
    assert told(anas) == "Ana's shift ended."


def test_a_shift_that_follows_at_once_hands_nothing_back(anas: Conversation) -> None:
    Shift.objects.update(ends_at=NOON + minutes(10))
    Shift.objects.create(user=User.objects.get(), starts_at=NOON + minutes(10))
    assert returning.hand_back(at=NOON + minutes(10)) == 0


def test_who_is_let_go_hands_back_and_what_they_had_open_is_given_out_again(
    anas: Conversation,
) -> None:
    deactivate(user=User.objects.get(), by=mia(), at=NOON + minutes(5))
    assert returning.hand_back(at=NOON + minutes(5)) == 1
    assert told(anas) == "Ana no longer works here."
    assert anas.assignee is None
    ben()
    assert routing.route_waiting(at=NOON + minutes(6)) == 1


def test_what_a_person_gives_to_somebody_who_is_off_stays_with_them(anas: Conversation) -> None:
    agent, manager = User.objects.get(), mia()
    choose(user=agent, standing=Presence.Standing.OFF, at=NOON + minutes(5))
    returning.hand_back(at=NOON + minutes(5))
    assigning.assign(conversation=anas, to=agent, by=manager, at=NOON + minutes(6))
    assert returning.hand_back(at=NOON + minutes(7)) == 0


def test_what_nobody_opened_in_time_goes_to_another(anas: Conversation) -> None:
    colleague = ben()
    assert anas.returns_at == NOON + minutes(10)
    assert returning.return_unopened(at=NOON + minutes(9.9)) == 0
    assert returning.return_unopened(at=NOON + minutes(10)) == 1
    assert told(anas) == "Ana did not open it within 10 min."
    assert anas.assignee == colleague
    assert anas.returns_at == NOON + minutes(20)


def test_who_did_not_open_it_is_not_given_it_again(anas: Conversation) -> None:
    returning.return_unopened(at=NOON + minutes(10))
    anas.refresh_from_db()
    assert anas.assignee is None
    assert routing.route_waiting(at=NOON + minutes(11)) == 0


@pytest.mark.parametrize("stopped_by", ["opening", "keeping", "assigning"])
def test_what_a_person_looked_at_or_decided_does_not_go_back(
    anas: Conversation, stopped_by: str
) -> None:
    agent = User.objects.get()
    if stopped_by == "opening":
        assigning.note_opened(conversation=anas, by=agent, at=NOON + minutes(1))
    elif stopped_by == "keeping":
        assert assigning.keep(by=agent, at=NOON + minutes(1)) == 1
    else:
        assigning.assign(conversation=anas, to=ben(), by=agent, at=NOON + minutes(1))
    assert returning.return_unopened(at=NOON + timedelta(days=1)) == 0
    anas.refresh_from_db()
    assert anas.assignee is not None


def test_a_colleagues_look_does_not_stop_the_timer(anas: Conversation) -> None:
    assigning.note_opened(conversation=anas, by=ben(), at=NOON + minutes(1))
    assert returning.return_unopened(at=NOON + minutes(10)) == 1


def test_a_team_without_a_timer_takes_nothing_back() -> None:
    ana()
    Team.objects.update(return_minutes=None)
    conversation = conversation_of(Kim(a_channel()).writes())
    assert conversation.returns_at is None
    assert returning.return_unopened(at=NOON + timedelta(days=9)) == 0
