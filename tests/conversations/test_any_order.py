"""Whatever the order in which a history is heard, and however it is cut into batches, the rows are
the same: those that the rules give for the history as a whole.

What may differ is not compared: our ids, instants of receiving, what was too late to be seen, who
was given the work, and the state that people left and that what came later reopened.
"""

import os
from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.errors import Conflict
from apps.conversations.models import (
    Clock,
    Conversation,
    Message,
    Placeholder,
    Removal,
    Thread,
)
from apps.conversations.operations import resolving
from apps.conversations.operations.labelling import set_priority
from apps.conversations.operations.receiving import Arrival, Departure, receive
from tests.conversations.histories import (
    DECIDED,
    Heard,
    History,
    Order,
    Verdict,
    an_order,
    heard_at,
    histories,
    in_time,
)
from tests.conversations.promised import save_policies
from tests.conversations.truth import Rows, rows_of
from tests.people import NOON, a_channel, a_team, a_user, minutes

pytestmark = pytest.mark.django_db

EXAMPLES = 60
ORDERS_EACH = 17
ORDERS_A_RUN = 1_000
# How many histories `make soak` builds; it hears ORDERS_EACH orders of each.
SOAK_EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "1000"))
AT_DECISIONS = NOON + minutes(DECIDED)
TABLES: dict[str, tuple[QuerySet[Any], tuple[str, ...]]] = {
    "threads": (Thread.objects.all(), ("thread_key",)),
    "placeholders": (Placeholder.objects.all(), ("external_id", "thread__thread_key")),
    "removals": (Removal.objects.all(), ("external_id", "deleted_at")),
    "messages": (
        Message.objects.all(),
        (
            "external_id",
            "direction",
            "posted_at",
            "parent_id_there",
            "surface",
            "text",
            "edited_at",
            "deleted_at",
            "thread__thread_key",
            "conversation__thread__thread_key",
            "conversation__identity__external_id",
        ),
    ),
    "conversations": (
        Conversation.objects.filter(merged_into__isnull=True),
        (
            "thread__thread_key",
            "identity__external_id",
            "waiting_since",
            "contact",
            "last_message_at",
        ),
    ),
    "clocks": (
        Clock.objects.annotate(
            judged_by=Concat(
                "policy_version__name",
                Value(" "),
                Cast("policy_version__version", CharField()),
            )
        ),
        (
            "conversation__thread__thread_key",
            "conversation__identity__external_id",
            "kind",
            "contact",
            "position",
            "started_at",
            "stopped_at",
            "stop",
            "reply__external_id",
            "judged_by",
            "due_at",
            "warn_at",
            "desk_seconds",
        ),
    ),
}


def test_any_order_and_any_batches_end_in_the_rows_of_the_whole_history() -> None:
    assert _hear_histories(EXAMPLES) >= ORDERS_A_RUN


@pytest.mark.soak
def test_many_more_orders_and_batches_end_in_the_rows_of_the_whole_history() -> None:
    assert _hear_histories(SOAK_EXAMPLES) >= SOAK_EXAMPLES * ORDERS_EACH


def _hear_histories(examples: int) -> int:
    """Hear so many histories in many orders each; returns how many orders were heard."""
    heard_orders = 0
    admin = a_user("Ada Min", role="admin")
    save_policies()

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(history=histories(), seed=st.integers(0, 2**32))
    def hear(history: History, seed: int) -> None:
        nonlocal heard_orders
        orders = [an_order(history, seed=seed + number) for number in range(ORDERS_EACH)]
        with transaction.atomic():
            _hear_all([in_time(history), *orders], history, by=admin)
            transaction.set_rollback(True)
        heard_orders += len(orders)

    hear()
    return heard_orders


def _hear_all(orders: Sequence[Order], history: History, *, by: User) -> None:
    """Each order is heard by a channel of its own, all of them in the same batches."""
    team = a_team()
    channels = [
        a_channel(f"@order_{number}", team=team, account_id=f"order {number}")
        for number in range(len(orders))
    ]
    _hear_rounds(channels, [order.before for order in orders], late=False)
    decided = [_decide(history, channel, by=by) for channel in channels]
    _hear_rounds(channels, [order.after for order in orders], late=True)
    found = rows_by_channel(channels)
    for channel, order, made in zip(channels, orders, decided, strict=True):
        expected = rows_of(history, made)
        differing = {name for name in TABLES if found[channel.pk][name] != expected[name]}
        for name in differing:
            rows = found[channel.pk][name]
            note(f"{name}: missing {expected[name] - rows}, too many {rows - expected[name]}")
        assert not differing, f"{channel.handle}: {order}"
    connection.check_constraints()


def _hear_rounds(
    channels: Sequence[Channel], orders: Sequence[Sequence[Sequence[Heard]]], *, late: bool
) -> None:
    for number, batches in enumerate(zip_longest(*orders, fillvalue=())):
        told = [
            one.on(channel)
            for channel, batch in zip(channels, batches, strict=True)
            for one in batch
        ]
        receive(
            [one for one in told if isinstance(one, Arrival)],
            gone=[one for one in told if isinstance(one, Departure)],
            at=heard_at(number, late=late),
        )


def _decide(history: History, channel: Channel, *, by: User) -> Collection[str]:
    """Do what people decided, as far as it can be at that moment; return what was.

    What was decided about is urgent from then on: waits that open later are judged by that.
    """
    made = []
    for message_id, verdict in history.decisions.items():
        where = Conversation.objects.get(messages__external_id=message_id, channel=channel)
        was_open = where.state == Conversation.State.OPEN
        try:
            if verdict is Verdict.DISMISSED:
                resolving.dismiss(
                    conversation=where, by=by, at=AT_DECISIONS, no_reply_needed="thanks only"
                )
            elif was_open:
                resolving.resolve(
                    conversation=where, by=by, at=AT_DECISIONS, no_reply_needed="thanks only"
                )
                if verdict is Verdict.RESOLVE_UNDONE:
                    resolving.undo_resolve(conversation=where, by=by, at=AT_DECISIONS)
        except Conflict:
            continue
        set_priority(conversation_ids=[where.pk], priority="urgent", by=by, at=AT_DECISIONS)
        made.append(message_id)
    return made


def rows_by_channel(channels: Sequence[Channel]) -> dict[int, Rows]:
    found: dict[int, Rows] = {channel.pk: {name: set() for name in TABLES} for channel in channels}
    for name, (table, columns) in TABLES.items():
        rows = table.filter(channel__in=channels).values_list("channel", *columns)
        for channel_id, *row in rows:
            found[channel_id][name].add(tuple(row))
    return found
