"""Resolutions paused by people: stored clocks, rights, and what a customer's message does."""

import pytest

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.conversations import timelines
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import pausing, resolving
from apps.ledger.models import Event
from apps.sla.episodes import Kind, Step
from apps.sla.operations import save_policy
from tests.conversations.promised import a_policy
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

CUSTOMER, THIRD_PARTY = Conversation.Pause.CUSTOMER, Conversation.Pause.THIRD_PARTY


@pytest.fixture
def agent() -> User:
    save_policy(said=a_policy("All", "", {Kind.RESOLUTION: 10}), by=None, at=NOON - minutes(1))
    return ana()


@pytest.fixture
def kim(agent: User) -> Kim:
    return Kim(a_channel())


@pytest.fixture
def anas(kim: Kim) -> Conversation:
    asked = kim.writes(at=NOON, external_id="1")
    done = brand_says(kim.channel, "which order?", at=NOON + minutes(1), parent_id="1")
    arrive(kim.channel, done, at=NOON + minutes(1))
    return conversation_of(asked)


def pause(conversation: Conversation, by: User, at: float, on: Conversation.Pause) -> None:
    pausing.pause(conversation=conversation, paused_for=on, by=by, at=NOON + minutes(at))


def waits_on(conversation: Conversation) -> str | None:
    conversation.refresh_from_db()
    return conversation.paused_for


def resolution() -> Clock:
    return Clock.objects.filter(kind="resolution").latest("contact")


def test_a_pause_is_kept_on_the_clock_and_the_promise_moves(
    anas: Conversation, agent: User
) -> None:
    pause(anas, agent, 2, CUSTOMER)
    clock = resolution()
    anas.refresh_from_db()
    assert (anas.paused_for, clock.paused_at, clock.due_at, clock.warn_at) == (
        "customer",
        NOON + minutes(2),
        None,
        None,
    )
    pausing.unpause(conversation=anas, by=agent, at=NOON + minutes(32))
    resolving.resolve(conversation=anas, by=agent, at=NOON + minutes(39))
    clock, responses = resolution(), Clock.objects.exclude(kind="resolution")
    assert waits_on(anas) is None
    assert clock.due_at == NOON + minutes(40)
    assert (clock.customer_seconds, clock.paused_seconds, clock.desk_seconds) == (2340, 1800, 540)
    assert [c.paused_seconds for c in responses] == [0]
    assert [(e.kind, e.by_id) for e in Event.objects.filter(kind__endswith="paused")] == [
        ("paused", agent.pk),
        ("unpaused", agent.pk),
    ]


def test_who_writes_ends_a_pause_when_they_posted_however_late_it_is_heard(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    pause(anas, agent, 2, CUSTOMER)
    late = kim.says("4711", at=NOON + minutes(7), parent_id="1")
    arrive(kim.channel, late, at=NOON + minutes(20))
    anas.refresh_from_db()
    assert anas.paused_for is None
    assert (resolution().paused_seconds, resolution().due_at) == (300, NOON + minutes(15))


def test_a_message_posted_before_the_pause_and_heard_after_it_leaves_it(
    kim: Kim, anas: Conversation, agent: User
) -> None:
    pause(anas, agent, 3, CUSTOMER)
    late = kim.says("also", at=NOON + minutes(2), parent_id="1")
    arrive(kim.channel, late, at=NOON + minutes(4))
    anas.refresh_from_db()
    assert (anas.paused_for, anas.waiting_since) == ("customer", NOON + minutes(2))


def test_a_resolve_taken_back_goes_on_with_the_pause(anas: Conversation, agent: User) -> None:
    pause(anas, agent, 2, THIRD_PARTY)
    resolving.resolve(conversation=anas, by=agent, at=NOON + minutes(5))
    assert waits_on(anas) is None
    resolving.undo_resolve(conversation=anas, by=agent, at=NOON + minutes(6))
    assert waits_on(anas) == "third_party"
    assert resolution().paused_at == NOON + minutes(2)


def test_paused_on_somebody_else_now_it_is_still_the_same_pause(
    anas: Conversation, agent: User
) -> None:
    pause(anas, agent, 2, CUSTOMER)
    pause(anas, agent, 4, THIRD_PARTY)
    pause(anas, agent, 5, THIRD_PARTY)
    anas.refresh_from_db()
    assert (anas.paused_for, resolution().paused_at) == ("third_party", NOON + minutes(2))
    assert Event.objects.filter(kind="paused").count() == 2


def test_what_cannot_be_paused_says_why(anas: Conversation, agent: User) -> None:
    with pytest.raises(Conflict, match="not paused any more"):
        pausing.unpause(conversation=anas, by=agent, at=NOON)
    with pytest.raises(DeskError, match="Another team"):
        pause(anas, ben(a_team("Shop")), 2, CUSTOMER)
    resolving.resolve(conversation=anas, by=agent, at=NOON + minutes(2))
    with pytest.raises(Conflict, match="nothing to resolve"):
        pause(anas, agent, 3, CUSTOMER)


def test_pauses_of_two_that_join_are_read_through_the_merge(kim: Kim, agent: User) -> None:
    first = conversation_of(kim.writes(at=NOON, external_id="1"))
    second = conversation_of(kim.writes(at=NOON + minutes(1), external_id="5", parent_id="3"))
    pause(second, agent, 2, CUSTOMER)
    omar = Kim(kim.channel, author_id="omar")
    omar.writes(at=NOON + minutes(3), external_id="3", parent_id="1")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.paused_for, second.paused_for) == ("customer", None)
    assert [m.step for m in timelines.timeline(first.pk)].count(Step.PAUSED) == 1
