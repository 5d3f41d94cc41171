"""Whatever the order in which a history arrives, and however it is cut into batches, the rows are
those of chronological arrival, and every stored clock is one that `episodes` derives.

What may differ is not compared: our ids, instants of receiving, what was too late to be seen, and
who was given the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.channels.connector import InboundMessage, Surface
from apps.channels.models import Channel
from apps.conversations import clocks
from apps.conversations.models import Clock, Conversation, Message, Placeholder, Thread
from apps.conversations.operations.receiving import Arrival, receive
from apps.sla.episodes import episodes, id_order
from tests.people import NOON, Kim, a_channel, a_team, brand_says, minutes

pytestmark = pytest.mark.django_db

BRAND = "the brand"
CUSTOMERS = ("ada", "bo", "cy")
WRITERS = (*CUSTOMERS, BRAND, BRAND)
IDS = ("1", "2", "9", "10", "11", "100", "a", "b", "B", "c1")
NEVER_ARRIVE = ("5", "zz")
SURFACES = (Surface.MENTION, Surface.MENTION, Surface.COMMENT, Surface.FOUND, Surface.DIRECT)


@dataclass(frozen=True)
class Said:
    """One message of a history; `parent` may come later, never, or be the message itself."""

    id: str
    writer: str
    minute: int
    parent: str | None
    surface: Surface

    def on(self, channel: Channel) -> InboundMessage:
        at = NOON + timedelta(minutes=self.minute)
        if self.writer == BRAND:
            return brand_says(channel, "we", at=at, parent_id=self.parent, external_id=self.id)
        return Kim(channel, author_id=self.writer, name=self.writer).says(
            "they", at=at, external_id=self.id, parent_id=self.parent, surface=self.surface
        )


@st.composite
def histories(draw: st.DrawFn) -> list[Said]:
    """Nothing names a direct message as its parent: no network here has such a thing."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=2, max_size=len(IDS), unique=True))
    surfaces = {one: draw(st.sampled_from(SURFACES)) for one in ids}
    public = [one for one in ids if surfaces[one] is not Surface.DIRECT]
    parents = st.sampled_from([None, *public, *public, *NEVER_ARRIVE])
    return [
        Said(
            id=one,
            writer=draw(st.sampled_from(WRITERS if one in public else CUSTOMERS)),
            minute=draw(st.integers(0, 6)),
            parent=draw(parents),
            surface=surfaces[one],
        )
        for one in ids
    ]


@st.composite
def histories_and_arrivals(draw: st.DrawFn) -> tuple[list[Said], list[list[Said]]]:
    """Return a history, and the same in batches of any order with some messages twice."""
    history = draw(histories())
    twice = draw(st.lists(st.sampled_from(history), max_size=3))
    order = draw(st.permutations([*history, *twice]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=len(order))))
    edges = sorted({0, *cuts, len(order)})
    return history, [order[first:last] for first, last in pairwise(edges)]


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(drawn=histories_and_arrivals())
def test_any_order_and_any_batches_end_in_the_rows_of_chronological_arrival(
    drawn: tuple[list[Said], list[list[Said]]],
) -> None:
    history, batches = drawn
    in_order = sorted(history, key=lambda said: (said.minute, id_order(said.id)))
    with transaction.atomic():
        expected = rows_after([[said] for said in in_order], handle="@in_order")
        assert rows_after(batches, handle="@any_order") == expected
        connection.check_constraints()
        transaction.set_rollback(True)


def rows_after(batches: Sequence[Sequence[Said]], *, handle: str) -> dict[str, set[object]]:
    channel = a_channel(handle, team=a_team(), account_id=handle)
    for number, batch in enumerate(batches):
        at: datetime = NOON + minutes(10 + number)
        receive([Arrival(channel, said.on(channel)) for said in batch], at=at)
    present = Conversation.objects.filter(channel=channel, merged_into__isnull=True)
    for conversation in present:
        assert stored_clocks(conversation) == derived_clocks(conversation)
    return {
        "threads": set(Thread.objects.filter(channel=channel).values_list("thread_key")),
        "placeholders": set(
            Placeholder.objects.filter(channel=channel).values_list(
                "external_id", "thread__thread_key"
            )
        ),
        "conversations": set(
            present.values_list(
                "thread__thread_key",
                "identity__external_id",
                "state",
                "waiting_since",
                "contact",
                "last_message_at",
            )
        ),
        "messages": set(
            Message.objects.filter(channel=channel).values_list(
                "external_id",
                "direction",
                "posted_at",
                "parent_id_there",
                "thread__thread_key",
                "conversation__identity__external_id",
                "conversation__thread__thread_key",
                "conversation__merged_into",
            )
        ),
        "clocks": set(
            Clock.objects.filter(channel=channel).values_list(
                "conversation__thread__thread_key",
                "conversation__identity__external_id",
                "kind",
                "contact",
                "position",
                "started_at",
                "stopped_at",
                "stop",
                "reply__external_id",
            )
        ),
    }


def stored_clocks(conversation: Conversation) -> set[object]:
    return set(
        conversation.clocks.values_list(
            "kind", "contact", "position", "started_at", "stopped_at", "stop", "reply_id"
        )
    )


def derived_clocks(conversation: Conversation) -> set[object]:
    return {
        (e.kind, e.contact, e.position, e.started_at, e.stopped_at, e.stop, e.reply_id)
        for e in episodes(clocks.timeline(conversation.pk))
    }
