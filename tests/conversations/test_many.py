"""One decision about many conversations: each by itself, refusals told one by one."""

from datetime import timedelta

import pytest

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import many, replying, resolving, snoozing
from apps.ledger.models import Event
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    ana,
    arrive,
    brand_says,
    conversation_of,
    minutes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return ana()


@pytest.fixture
def waiting(agent: User) -> Conversation:
    return conversation_of(Kim(a_channel()).writes(at=NOON, external_id="1"))


@pytest.fixture
def answered(waiting: Conversation) -> Conversation:
    omar = Kim(waiting.channel, author_id="omar", name="Omar").writes(at=NOON, external_id="2")
    said = brand_says(waiting.channel, "done", at=NOON + minutes(1), parent_id="2")
    arrive(waiting.channel, said, at=NOON + minutes(1))
    return conversation_of(omar)


@pytest.fixture
def foreign() -> list[int]:
    """One another team answers, one that is private to it, and one that is none."""
    shop = a_team("Shop")
    theirs = conversation_of(Kim(a_channel("@shop", team=shop)).writes())
    private = conversation_of(Kim(a_channel("@vip", team=shop, is_private=True)).writes())
    return [theirs.pk, private.pk, 10**9]


def test_one_reason_serves_those_that_wait_and_each_has_an_event_of_its_own(
    waiting: Conversation, answered: Conversation, agent: User
) -> None:
    outcome = many.decide(
        resolving.resolve,
        conversation_ids=[answered.pk, waiting.pk],
        by=agent,
        at=NOON + minutes(2),
        no_reply_needed="an outage, told to all",
    )
    assert outcome.decided == sorted([waiting.pk, answered.pk])
    reasons = dict(Event.objects.filter(kind="resolved").values_list("conversation_id", "data"))
    assert reasons == {waiting.pk: {"reason": "an outage, told to all"}, answered.pk: {}}
    assert not Clock.objects.filter(stopped_at__isnull=True).exists()


def test_without_a_reason_those_that_wait_are_refused_and_the_others_resolved(
    waiting: Conversation, answered: Conversation, agent: User
) -> None:
    outcome = many.decide(
        resolving.resolve, conversation_ids=[waiting.pk, answered.pk], by=agent, at=NOON
    )
    assert outcome.decided == [answered.pk]
    assert outcome.refused[waiting.pk].startswith("Kim Lee is waiting for an answer.")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.waiting_since) == ("open", NOON)


def test_dismissing_many_ends_waits_and_keeps_them_open(
    waiting: Conversation, answered: Conversation, agent: User
) -> None:
    outcome = many.decide(
        resolving.dismiss,
        conversation_ids=[waiting.pk, answered.pk],
        by=agent,
        at=NOON + minutes(2),
        no_reply_needed="thanks only",
    )
    assert outcome.decided == [waiting.pk]
    assert outcome.refused == {answered.pk: "Nobody is waiting in this conversation."}
    assert set(Conversation.objects.values_list("state", flat=True)) == {"open"}


def test_foreign_ones_are_refused_and_private_ones_like_unknown_ones(
    waiting: Conversation, agent: User, foreign: list[int]
) -> None:
    outcome = many.decide(
        snoozing.snooze,
        conversation_ids=[*foreign, waiting.pk],
        by=agent,
        at=NOON,
        until=NOON + timedelta(hours=1),
    )
    theirs, private, unknown = foreign
    assert outcome.decided == [waiting.pk]
    assert "Another team" in outcome.refused[theirs]
    assert outcome.refused[private] == outcome.refused[unknown]
    assert Event.objects.filter(kind="snoozed").count() == 1


def test_nobody_is_written_to_in_bulk_and_nothing_is_decided_about_too_many(agent: User) -> None:
    with pytest.raises(ValueError, match="not decided about many"):
        many.decide(replying.reply, conversation_ids=[1], by=agent, at=NOON)
    with pytest.raises(DeskError, match="at most 500"):
        many.decide(resolving.resolve, conversation_ids=range(501), by=agent, at=NOON)
