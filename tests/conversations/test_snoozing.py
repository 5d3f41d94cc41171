"""Conversations put off: they come back at the chosen time, or when the customer writes."""

from datetime import timedelta

import pytest

from apps.agents.models import Presence, User
from apps.agents.operations import choose
from apps.channels.connector import Surface
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import assigning, resolving, snoozing
from apps.ledger.models import Event
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    ana,
    arrive,
    ben,
    brand_says,
    conversation_of,
    minutes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return ana()


@pytest.fixture
def kim(agent: User) -> Kim:
    return Kim(a_channel())


@pytest.fixture
def anas(kim: Kim) -> Conversation:
    """A conversation of Ana's; Kim waits."""
    return conversation_of(kim.writes(at=NOON, external_id="1"))


def put_off(conversation: Conversation, by: User, *, until: float = 60, at: float = 1) -> None:
    snoozing.snooze(
        conversation=conversation, until=NOON + minutes(until), by=by, at=NOON + minutes(at)
    )


def answered(kim: Kim, *, at: float) -> None:
    said = brand_says(kim.channel, "done ^AB", at=NOON + minutes(at), parent_id="1")
    arrive(kim.channel, said, at=NOON + minutes(at))


def state(conversation: Conversation) -> tuple[str, object]:
    conversation.refresh_from_db()
    return conversation.state, conversation.snoozed_until


def test_it_wakes_once_at_the_chosen_time_and_its_assignee_keeps_it(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    answered(kim, at=0.5)
    put_off(anas, agent, until=60)
    assert state(anas) == ("snoozed", NOON + minutes(60))
    assert snoozing.wake_due(at=NOON + minutes(60) - timedelta(microseconds=1)) == 0
    assert [snoozing.wake_due(at=NOON + minutes(m)) for m in (60, 60, 61)] == [1, 0, 0]
    assert state(anas) == ("open", None)
    assert (anas.assignee, anas.woke_at) == (agent, NOON + minutes(60))
    assert anas.attention_since == NOON + minutes(60)
    woke = Event.objects.get(kind="woke")
    assert (woke.conversation_id, woke.by_id) == (anas.pk, None)


def test_snoozing_pauses_no_clock(anas: Conversation, agent: User) -> None:
    before = list(Clock.objects.order_by("id").values())
    put_off(anas, agent)
    snoozing.wake_due(at=NOON + minutes(60))
    assert list(Clock.objects.order_by("id").values()) == before
    anas.refresh_from_db()
    assert anas.waiting_since == NOON


def test_who_writes_ends_the_snooze_at_once(kim: Kim, anas: Conversation, agent: User) -> None:
    put_off(anas, agent)
    kim.writes(at=NOON + minutes(2), parent_id="1", surface=Surface.FOUND)
    assert state(anas)[0] == "snoozed", "what a search found asks for nothing"
    kim.writes(at=NOON + minutes(3), parent_id="1")
    assert state(anas) == ("open", None)
    assert (anas.assignee, anas.woke_at) == (agent, None)
    assert snoozing.wake_due(at=NOON + minutes(60)) == 0
    assert not Event.objects.filter(kind="woke").exists()


def test_a_message_posted_before_the_snooze_and_heard_after_it_is_not_buried(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    put_off(anas, agent, at=5)
    late = kim.says("one more thing", at=NOON + minutes(1), parent_id="1")
    arrive(kim.channel, late, at=NOON + minutes(6))
    assert state(anas)[0] == "open"


def test_nobody_puts_off_what_they_have_not_seen(kim: Kim, anas: Conversation, agent: User) -> None:
    seen = anas.messages.get().pk
    kim.writes(at=NOON + minutes(1), parent_id="1")
    with pytest.raises(Conflict, match="wrote again"):
        snoozing.snooze(
            conversation=anas,
            until=NOON + minutes(60),
            by=agent,
            at=NOON + minutes(2),
            seen_message_id=seen,
        )
    assert state(anas)[0] == "open"


def test_an_instant_that_makes_no_sense_is_refused_with_what_to_do(
    anas: Conversation, agent: User
) -> None:
    for until in (1, -5, 366 * 24 * 60 + 2):
        with pytest.raises(DeskError, match="Choose"):
            put_off(anas, agent, until=until, at=1)
    resolving.resolve(conversation=anas, by=agent, at=NOON, no_reply_needed="spam")
    with pytest.raises(Conflict, match="Undo the resolve"):
        put_off(anas, agent)


def test_another_teams_conversation_is_not_put_off(anas: Conversation) -> None:
    stranger = ben(a_team("Shop"))
    with pytest.raises(DeskError, match="Another team"):
        put_off(anas, stranger)


def test_snoozed_again_it_wakes_at_the_later_choice(anas: Conversation, agent: User) -> None:
    put_off(anas, agent, until=60)
    put_off(anas, agent, until=120, at=2)
    assert snoozing.wake_due(at=NOON + minutes(61)) == 0
    assert snoozing.wake_due(at=NOON + minutes(120)) == 1


def test_whoever_wakes_it_early_leaves_it_with_its_assignee(
    anas: Conversation, agent: User
) -> None:
    put_off(anas, agent)
    snoozing.wake(conversation=anas, by=ben(), at=NOON + minutes(3))
    assert state(anas) == ("open", None)
    assert anas.assignee == agent
    with pytest.raises(Conflict, match="not snoozed"):
        snoozing.wake(conversation=anas, by=agent, at=NOON + minutes(4))


def test_while_it_sleeps_it_takes_no_room_and_without_room_it_wakes_for_another(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    User.objects.filter(id=agent.pk).update(capacity=1)
    put_off(anas, agent)
    other = conversation_of(Kim(kim.channel, author_id="omar").writes(at=NOON + minutes(2)))
    assert other.assignee == agent
    colleague = ben()
    snoozing.wake_due(at=NOON + minutes(60))
    anas.refresh_from_db()
    assert anas.assignee == colleague


def test_whose_assignee_went_off_wakes_for_another_though_nobody_waits(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    answered(kim, at=0.5)
    put_off(anas, agent)
    choose(user=agent, standing=Presence.Standing.OFF, at=NOON + minutes(30))
    colleague = ben()
    snoozing.wake_due(at=NOON + minutes(60))
    anas.refresh_from_db()
    assert anas.assignee == colleague


def test_what_woke_stays_in_sight_until_somebody_answers_resolves_or_puts_it_off(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    for number in range(3):
        answered(kim, at=100 * number + 0.5)
        assert not Conversation.objects.needing_attention().exists()
        put_off(anas, agent, until=100 * number + 60, at=100 * number + 1)
        snoozing.wake_due(at=NOON + minutes(100 * number + 60))
        assert Conversation.objects.open().needing_attention().get() == anas
    answered(kim, at=290)
    assert not Conversation.objects.needing_attention().exists()
    put_off(anas, agent, until=400, at=300)
    snoozing.wake_due(at=NOON + minutes(400))
    resolving.resolve(conversation=anas, by=agent, at=NOON + minutes(401))
    assert not Conversation.objects.needing_attention().exists()
    assert "reason" not in Event.objects.get(kind="resolved").data


def test_resolving_ends_a_snooze(kim: Kim, anas: Conversation, agent: User) -> None:
    answered(kim, at=0.5)
    put_off(anas, agent)
    resolving.resolve(conversation=anas, by=agent, at=NOON + minutes(2))
    assert state(anas) == ("resolved", None)
    assert snoozing.wake_due(at=NOON + minutes(60)) == 0
    resolving.undo_resolve(conversation=anas, by=agent, at=NOON + minutes(3))
    assert state(anas) == ("open", None)


def test_of_two_that_join_the_earlier_snooze_counts(kim: Kim, agent: User) -> None:
    first = conversation_of(kim.writes(at=NOON, external_id="1"))
    second = conversation_of(kim.writes(at=NOON + minutes(1), external_id="5", parent_id="3"))
    put_off(first, agent, until=90, at=2)
    put_off(second, agent, until=60, at=2)
    stranger = Kim(kim.channel, author_id="omar")
    stranger.writes(at=NOON + minutes(3), external_id="3", parent_id="1")
    assert state(first) == ("snoozed", NOON + minutes(60))
    assert state(second) == ("resolved", None)


def test_taking_what_sleeps_does_not_wake_it(anas: Conversation, agent: User) -> None:
    put_off(anas, agent)
    assigning.assign(conversation=anas, to=ben(), by=agent, at=NOON + minutes(2))
    assert state(anas)[0] == "snoozed"
