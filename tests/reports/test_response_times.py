import pytest

from apps.channels.models import Channel
from apps.conversations.models import Conversation
from apps.conversations.operations import pausing, resolving
from apps.reports import queries
from apps.reports.periods import Period
from apps.reports.resolutions import resolutions
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

MARCH = Period(NOON.date(), NOON.date())


def _answered_after(channel: Channel, wait: float, *, person: str, signed: str = "^AB") -> None:
    asked = Kim(channel, author_id=person).writes(at=NOON)
    arrive(
        channel,
        brand_says(
            channel, f"there you go {signed}", at=NOON + minutes(wait), parent_id=asked.external_id
        ),
        at=NOON + minutes(wait),
    )


def test_percentiles_interpolate_over_answered_waits_and_running_ones_stand_beside() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    for person, wait in [("a", 1), ("b", 2), ("c", 4)]:
        _answered_after(channel, wait, person=person)
    Kim(channel, author_id="d").writes(at=NOON)

    figures = queries.overall(user=manager, period=MARCH, kind="first_response", at=NOON)
    assert (figures.count, figures.running, figures.dismissed) == (3, 1, 0)
    assert figures.p50 == 120
    assert figures.p90 == pytest.approx(120 + 0.8 * 120)
    assert figures.answered_share == 0.75
    assert figures.running_since == NOON
    [by_agent] = queries.by_agent(user=manager, period=MARCH, kind="first_response", at=NOON)
    assert (by_agent.key, by_agent.count) == (agent.pk, 3)


def test_credit_goes_to_the_sender_not_to_the_assignee() -> None:
    manager = mia()
    ana(capacity=5)
    sender = ben(capacity=0)
    channel = a_channel()
    _answered_after(channel, 1, person="a", signed="^BW")
    [line] = queries.by_agent(user=manager, period=MARCH, kind="first_response", at=NOON)
    assert line.key == sender.pk


def test_a_dismissed_wait_is_neither_answered_nor_running() -> None:
    manager, agent = mia(), ana()
    message = Kim(a_channel()).writes("thanks!", at=NOON)
    resolving.resolve(
        conversation=conversation_of(message),
        by=agent,
        at=NOON + minutes(1),
        no_reply_needed="only thanks",
    )
    figures = queries.overall(user=manager, period=MARCH, kind="first_response", at=NOON)
    assert (figures.count, figures.running, figures.dismissed) == (0, 0, 1)
    assert figures.p50 is None


def test_every_breakdown_adds_up_to_its_total() -> None:
    manager = mia()
    ana()
    one, two = a_channel("@one"), a_channel("@two")
    _answered_after(one, 1, person="a")
    _answered_after(two, 2, person="b")
    Kim(two, author_id="c").writes(at=NOON)
    total = queries.overall(user=manager, period=MARCH, kind="first_response", at=NOON).total
    by_channel = queries.by_channel(user=manager, period=MARCH, kind="first_response", at=NOON)
    by_day = queries.by_day(user=manager, period=MARCH, kind="first_response", at=NOON)
    assert (
        sum(line.total for line in by_channel) == sum(line.total for line in by_day) == total == 3
    )


def test_now_names_the_oldest_wait() -> None:
    manager = mia()
    channel = a_channel()
    Kim(channel, author_id="later").writes(at=NOON + minutes(1))
    first = Kim(channel, author_id="first").writes(at=NOON)
    now = queries.now(user=manager, at=NOON + minutes(5))
    assert now.oldest == conversation_of(first)
    assert (now.waiting, now.unassigned, now.asked_today, now.answered_today) == (2, 2, 2, 0)


def test_resolutions_tell_their_pauses_beside_the_whole_time() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    for person in ("a", "b", "c", "d"):
        _answered_after(channel, 1, person=person)
    first, second, third, _ = Conversation.objects.order_by("id")
    for conversation in (first, second, third):
        pausing.pause(
            conversation=conversation,
            paused_for=Conversation.Pause.CUSTOMER,
            by=agent,
            at=NOON + minutes(2),
        )
    resolving.resolve(conversation=first, by=agent, at=NOON + minutes(10))
    pausing.unpause(conversation=second, by=agent, at=NOON + minutes(12))
    resolving.resolve(conversation=second, by=agent, at=NOON + minutes(30))

    found = resolutions(user=manager, period=MARCH, at=NOON + minutes(30))
    assert (found.resolved, found.running, found.pausing) == (2, 2, 1)
    assert (found.p50, found.paused, found.paused_p50) == (20 * 60, 2, 9 * 60)
    assert found.compliance is None
