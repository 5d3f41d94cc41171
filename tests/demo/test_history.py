"""The history written at once is what the operations would have left, to the last column."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Model
from pytest_django import Settings

from apps.conversations.models import Clock, Conversation, Message, Thread
from apps.customers.models import Identity
from apps.ledger.models import Event
from socialdesk.demo import history, programme, replaying, sign_ins, square
from socialdesk.demo.casting import Casting
from socialdesk.demo.happenings import Choice, Decided, Happening, Said
from socialdesk.demo.preparing import perform
from socialdesk.demo.stage import set_stage

NOW = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)
SEED = 4
Rows = dict[str, list[tuple[object, ...]]]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("capacity", [12, 1])
def test_a_history_written_at_once_equals_one_that_happened(capacity: int) -> None:
    happenings = _four_days(capacity)
    at_once = _left_by(history.write, happenings)
    one_by_one = _left_by(replaying.replay, happenings)
    for name, rows in one_by_one.items():
        assert at_once[name] == rows, name


def test_those_days_hold_every_decision_and_talks_that_begin_anew() -> None:
    happenings = _four_days(capacity=12)
    assert {h.choice for h in happenings if isinstance(h, Decided)} == set(Choice)
    said = [h for h in happenings if isinstance(h, Said)]
    assert any(one.reopened and one.kept_by for one in said)
    assert any(one.talk is None for one in said)


def test_those_days_with_full_hands_hold_talks_that_nobody_was_given() -> None:
    said = [h for h in _four_days(capacity=1) if isinstance(h, Said)]
    assert any(one.opened and one.given is None for one in said)
    assert any(one.reopened and one.kept_by is None for one in said)


def test_the_same_seed_says_the_same_and_another_seed_something_else() -> None:
    first, again, other = (_said(seed) for seed in (1, 1, 2))
    assert first == again
    assert len(set(first) & set(other)) < len(first) / 2


def test_it_is_refused_on_a_desk_that_others_reach(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="PRODUCTION"):
        call_command("demo")
    assert sign_ins() == []


def _four_days(capacity: int) -> list[Happening]:
    """Four days of a desk where everybody can take so many, published on Square."""
    begins = NOW - timedelta(days=4)
    casting = set_stage(begins=begins, ends=NOW, seed=SEED)
    for agent in casting.play.floor.everybody:
        agent.capacity = capacity
        agent.save()
    programme.everyday(casting, start=begins, end=NOW, talks=60)
    programme.brand_posts(casting, start=begins, end=begins + timedelta(days=1))
    casting.play.at(NOW - timedelta(hours=30), partial(_somebody_lets_go, casting))
    casting.play.at(NOW - timedelta(hours=20), partial(_somebody_returns, casting))
    casting.play.run(until=NOW)
    square.publish([h for h in casting.play.happenings if isinstance(h, Said)])
    return casting.play.happenings


def _somebody_lets_go(casting: Casting, at: datetime) -> None:
    floor = casting.play.floor
    talk = next(talk for agent in floor.everybody for talk in floor.talks_of(agent))
    casting.play.assign(talk, by=talk.assignee or casting.play.mia, to=None, at=at)


def _somebody_returns(casting: Casting, at: datetime) -> None:
    """To a colleague whose hands are full, if there is one."""
    floor = casting.play.floor
    closed = [talk for talk in casting.talks if talk.last and talk.assignee and not talk.is_open]
    talk = min(closed, key=lambda talk: bool(talk.assignee and floor.has_room(talk.assignee)))
    [script, *_] = casting.tagged("again", language="en", brand=talk.account.person.handle)
    casting.put_on_again(talk, script, at, casting.chance("returns"))


def _said(seed: int) -> list[tuple[str, datetime]]:
    with transaction.atomic():
        begins = NOW - timedelta(days=90)
        casting = set_stage(begins=begins, ends=NOW, seed=seed)
        perform(casting, begins=begins, ends=NOW)
        transaction.set_rollback(True)
    return [(h.text, h.at) for h in casting.play.happenings]


def _left_by(write: Callable[[Sequence[Happening]], None], happenings: Sequence[Happening]) -> Rows:
    with transaction.atomic():
        write(happenings)
        rows = _rows()
        transaction.set_rollback(True)
    return rows


def _rows() -> Rows:
    """Every row, with what it points to named as the network names it."""
    conversation = ("channel__handle", "thread__thread_key", "identity__handle")
    of_conversation = tuple(f"conversation__{name}" for name in conversation)
    left: Rows = {
        "identities": list(
            Identity.objects.order_by("id").values_list(
                "network",
                "external_id",
                "handle",
                "name",
                "named_at",
                "customer__name",
                "customer__first_seen_at",
            )
        ),
        "threads": list(Thread.objects.order_by("id").values_list("channel__handle", "thread_key")),
        "conversations": list(
            Conversation.objects.order_by("id").values_list(
                *conversation, *_own(Conversation, without={"channel", "thread", "identity"})
            )
        ),
        "messages": list(
            Message.objects.order_by("id").values_list(
                "thread__thread_key",
                "identity__handle",
                *of_conversation,
                *_own(Message, without={"thread", "identity", "conversation"}),
            )
        ),
        "clocks": sorted(
            Clock.objects.values_list(
                *of_conversation,
                "reply__external_id",
                *_own(Clock, without={"conversation", "reply"}),
            ),
            key=str,
        ),
    }
    return left | {"events": _events()}


def _own(model: type[Model], *, without: set[str]) -> list[str]:
    return [
        field.name for field in model._meta.concrete_fields if field.name not in {"id", *without}
    ]


def _events() -> list[tuple[object, ...]]:
    conversations = {c.pk: n for n, c in enumerate(Conversation.objects.order_by("id"))}
    messages = {m.pk: n for n, m in enumerate(Message.objects.order_by("id"))}
    return [
        (
            event.at,
            event.kind,
            event.by_id,
            event.user_id,
            event.channel_id,
            event.data,
            event.conversation_id and conversations[event.conversation_id],
            event.message_id and messages[event.message_id],
        )
        for event in Event.objects.order_by("id")
    ]
