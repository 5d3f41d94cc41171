"""The traps of clocks.md by number, held on stored rows; trap 8 has test_trap_8.py to itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from apps.agents.models import User
from apps.channels.connector import InboundMessage
from apps.channels.models import Channel
from apps.conversations import clocks
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import (
    assigning,
    labelling,
    noting,
    pausing,
    resolving,
    returning,
    routing,
    snoozing,
)
from apps.conversations.operations.notifying import tell_of_waits
from apps.labels.models import Priority
from apps.reports import figures as reported
from apps.reports import queries
from apps.reports.periods import Period
from apps.reports.questions import By, Question
from apps.sla.episodes import Kind
from apps.sla.operations import save_policy
from tests.conversations.promised import a_policy
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

TODAY = Period(NOON.date(), NOON.date())
FIGURES = (
    "kind",
    "contact",
    "position",
    "started_at",
    "stopped_at",
    "due_at",
    "warn_at",
    "customer_seconds",
    "desk_seconds",
    "paused_seconds",
    "paused_at",
)
Times = list[tuple[str, int, float | None, float | None]]


@pytest.fixture
def agent() -> User:
    return ana()


@pytest.fixture
def channel(agent: User) -> Channel:
    return a_channel()


def ask(channel: Channel, at: float, **said: str) -> Conversation:
    return conversation_of(Kim(channel).writes(at=NOON + minutes(at), **said))


def answer(channel: Channel, at: float, parent_id: str, text: str = "done ^AB") -> None:
    said = brand_says(channel, text, at=NOON + minutes(at), parent_id=parent_id)
    arrive(channel, said, at=NOON + minutes(at))


def figures_of(kind: Clock.Kind, *, at: datetime, by: By | None = None) -> reported.Times:
    return queries.response_times(Question(user=mia(), period=TODAY, at=at), kind=kind, by=by)


def _minutes(at: datetime | None) -> float | None:
    return None if at is None else (at - NOON) / minutes(1)


def times() -> Times:
    """Kind, contact, and the minutes of start and stop."""
    return [
        (
            clock.kind,
            clock.contact,
            _minutes(clock.started_at),
            _minutes(clock.stopped_at),
        )
        for clock in Clock.objects.order_by("started_at", "kind")
    ]


def test_trap_1_after_a_reopen_the_reply_time_counts_from_the_new_message(
    channel: Channel, agent: User
) -> None:
    conversation = ask(channel, 0, external_id="1")
    answer(channel, 1, "1")
    resolving.resolve(conversation=conversation, by=agent, at=NOON + minutes(2))
    five_days = 5 * 24 * 60
    ask(channel, five_days, external_id="2", parent_id="1")
    answer(channel, five_days + 10, "2")
    [again] = Clock.objects.filter(kind="first_response", contact=2)
    assert again.customer_seconds == 600


def test_trap_2_waits_answered_late_and_not_at_all_stay_in_the_figures(channel: Channel) -> None:
    save_policy(said=a_policy("All", "", {Kind.FIRST_RESPONSE: 5}), by=None, at=NOON - minutes(1))
    for number, wait in enumerate((1, 60, None), start=1):
        Kim(channel, author_id=f"p{number}").writes(at=NOON, external_id=str(number))
        if wait:
            answer(channel, wait, str(number))
    at = NOON + minutes(70)
    figures = figures_of(Clock.Kind.FIRST_RESPONSE, at=at).total
    assert (figures.count, figures.p50, figures.running) == (2, 30.5 * 60, 1)
    assert (figures.met, figures.breached, figures.past_due) == (1, 1, 1)
    assert figures.compliance == 1 / 3


def test_trap_3_a_wait_stops_when_the_network_accepted_not_when_we_heard_of_it(
    channel: Channel,
) -> None:
    ask(channel, 0, external_id="1")
    said = brand_says(channel, "done", at=NOON + minutes(3), parent_id="1")
    arrive(channel, said, at=NOON + minutes(45))
    assert ("first_response", 1, 0, 3) in times()


def test_trap_4_what_is_touched_after_the_resolve_makes_it_no_slower(
    channel: Channel, agent: User
) -> None:
    conversation = ask(channel, 0, external_id="1")
    answer(channel, 1, "1")
    resolving.resolve(conversation=conversation, by=agent, at=NOON + minutes(2))
    later = NOON + minutes(500)
    noting.note(conversation=conversation, text="for the record", by=agent, at=later)
    labelling.set_priority(
        conversation_ids=[conversation.pk], priority=Priority.HIGH, by=agent, at=later
    )
    assigning.assign(conversation=conversation, to=ben(), by=agent, at=later)
    answer(channel, 500, "1", "one more thing ^AB")
    assert ("resolution", 1, 0, 2) in times()
    conversation.refresh_from_db()
    assert conversation.state == "resolved", "what we say after the resolve does not reopen it"


def test_trap_5_since_when_somebody_waits_and_the_last_message_are_two_things(
    channel: Channel,
) -> None:
    conversation = ask(channel, 0, external_id="1")
    ask(channel, 7, external_id="2", parent_id="1")
    conversation.refresh_from_db()
    assert (conversation.waiting_since, conversation.last_message_at) == (NOON, NOON + minutes(7))
    answer(channel, 9, "2")
    conversation.refresh_from_db()
    assert (conversation.waiting_since, conversation.last_message_at) == (None, NOON + minutes(9))


def test_trap_6_open_conversations_are_counted_like_resolved_ones(
    channel: Channel, agent: User
) -> None:
    for number in (1, 2):
        asked = Kim(channel, author_id=f"p{number}").writes(at=NOON, external_id=str(number))
        answer(channel, number, str(number))
        if number == 2:
            resolving.resolve(conversation=conversation_of(asked), by=agent, at=NOON + minutes(3))
    figures = figures_of(Clock.Kind.FIRST_RESPONSE, at=NOON).total
    assert (figures.count, figures.p50) == (2, 90)


def test_trap_7_a_wait_starts_when_the_customer_posted(agent: User) -> None:
    User.objects.filter(id=agent.pk).update(capacity=0)
    channel = a_channel()
    late = Kim(channel).says("help", at=NOON, external_id="1")
    arrive(channel, late, at=NOON + minutes(12))
    User.objects.filter(id=agent.pk).update(capacity=5)
    routing.route_waiting(at=NOON + minutes(20))
    assert Conversation.objects.get().assigned_at == NOON + minutes(20)
    assert times() == [("first_response", 1, 0, None), ("resolution", 1, 0, None)]


def test_trap_9_a_final_thanks_ends_with_a_verdict_and_no_answer(
    channel: Channel, agent: User
) -> None:
    conversation = ask(channel, 0, external_id="1")
    answer(channel, 1, "1")
    ask(channel, 2, external_id="2", parent_id="1")
    resolving.dismiss(
        conversation=conversation, by=agent, at=NOON + minutes(3), no_reply_needed="only thanks"
    )
    last = Clock.objects.get(kind="next_response")
    assert (last.stop, last.reply, last.credited_to) == ("no_reply_needed", None, None)
    figures = figures_of(Clock.Kind.NEXT_RESPONSE, at=NOON).total
    assert (figures.dismissed, figures.running, figures.count) == (1, 0, 0)


def test_trap_10_late_sweeps_retries_and_restarts_move_no_figure(
    channel: Channel, agent: User
) -> None:
    save_policy(
        said=a_policy("All", "", {Kind.FIRST_RESPONSE: 5, Kind.RESOLUTION: 60}),
        by=None,
        at=NOON - minutes(1),
    )
    conversation = ask(channel, 0, external_id="1")
    pausing.pause(
        conversation=conversation,
        paused_for=Conversation.Pause.CUSTOMER,
        by=agent,
        at=NOON + minutes(1),
    )
    snoozing.snooze(
        conversation=conversation, until=NOON + minutes(2), by=agent, at=NOON + minutes(1)
    )
    heard_twice = Kim(channel).says("and?", at=NOON + minutes(3), parent_id="1", external_id="2")
    arrive(channel, heard_twice, at=NOON + minutes(4))
    expected = Clock.objects.order_by("id").values(*FIGURES)
    before = list(expected)
    for hours in (1, 30):
        at = NOON + timedelta(hours=hours)
        arrive(channel, heard_twice, at=at)
        clocks.rerun([conversation.pk])
        snoozing.wake_due(at=at)
        returning.return_unopened(at=at)
        returning.hand_back(at=at)
        routing.route_waiting(at=at)
        tell_of_waits(at=at)
        assert list(expected.all()) == before


def test_trap_11_credit_goes_to_who_sent_the_reply(channel: Channel, agent: User) -> None:
    sender = ben(capacity=0)
    conversation = ask(channel, 0, external_id="1")
    answer(channel, 1, "1", "done ^BW")
    assert conversation.assignee == agent
    assert Clock.objects.get(kind="first_response").credited_to == sender
    [line] = figures_of(Clock.Kind.FIRST_RESPONSE, at=NOON, by=By.AGENT).lines
    assert (line.key, line.count) == (sender.pk, 1)


def test_trap_12_a_child_before_its_parent_and_a_parent_that_joins_two_threads(
    agent: User,
) -> None:
    """Root 1 and an answer to it, 3 to a parent 2 that comes last, 4 to one that never comes."""
    expected = None
    for number, order in enumerate(permutations(range(5))):
        channel = a_channel(f"@c{number}")
        told = _family(channel)
        for place in order[:4]:
            arrive(channel, told[place], at=NOON + minutes(20))
        arrive(channel, told[order[4]], at=NOON + minutes(21))
        rows = _rows(channel)
        expected = expected or rows
        assert rows == expected, order
    assert expected == [
        ("first_response", "1", 0, 2),
        ("first_response", "4", 4, None),
        ("next_response", "1", 3, None),
        ("resolution", "1", 0, None),
        ("resolution", "4", 4, None),
    ]


def _family(channel: Channel) -> Sequence[InboundMessage]:
    kim = Kim(channel)
    return [
        kim.says("1", at=NOON, external_id="1"),
        kim.says("2", at=NOON + minutes(1), external_id="2", parent_id="1"),
        brand_says(channel, "done", at=NOON + minutes(2), external_id="5", parent_id="2"),
        kim.says("3", at=NOON + minutes(3), external_id="3", parent_id="5"),
        kim.says("4", at=NOON + minutes(4), external_id="4", parent_id="77"),
    ]


def _rows(channel: Channel) -> list[tuple[str, str, float | None, float | None]]:
    """By the first message of each conversation."""
    found = []
    for conversation in Conversation.objects.filter(channel=channel, merged_into__isnull=True):
        first = conversation.messages.order_by("posted_at").values_list("external_id", flat=True)[0]
        found += [
            (
                clock.kind,
                str(first),
                _minutes(clock.started_at),
                _minutes(clock.stopped_at),
            )
            for clock in conversation.clocks.all()
        ]
    return sorted(found, key=str)
