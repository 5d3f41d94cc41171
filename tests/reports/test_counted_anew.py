"""Whatever is heard late, twice or joined, counting what was noted is counting everything."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, ConversationTag, Message, Uncounted
from apps.conversations.operations.receiving import Arrival, Departure, receive
from apps.labels.models import Tag
from apps.reports.models import Rollup
from apps.reports.recounting import count_everything, count_noted
from tests.conversations.histories import Heard, History, an_order, heard_at, histories
from tests.conversations.promised import save_policies
from tests.people import a_channel

pytestmark = pytest.mark.django_db


def rows() -> list[tuple[Any, ...]]:
    names = [field.name for field in Rollup._meta.fields if field.name != "id"]
    return sorted(Rollup.objects.values_list(*names), key=str)


def test_random_histories_are_counted_by_their_notes_as_from_nothing() -> None:
    save_policies()
    tag = Tag.objects.create(name="VIP", key="vip")
    lengths: list[int] = []

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(history=histories(), seed=st.integers(0, 2**32))
    def hear(history: History, seed: int) -> None:
        with transaction.atomic():
            _hear(history, seed, tag)
            lengths.append(Rollup.objects.count())
            transaction.set_rollback(True)

    hear()
    assert max(lengths) > 25


def _hear(history: History, seed: int, tag: Tag) -> None:
    """Batches come as they like, tags are put and taken, and the sweep runs now and then."""
    chance = Random(seed)
    channel = a_channel()
    count_noted(at=timezone.now())
    order = an_order(history, seed=seed)
    for number, batch in enumerate([*order.before, *order.after]):
        _receive(channel, batch, at_round=number, chance=chance)
        if chance.random() < 0.3:
            _tag_or_untag(tag, chance)
        if chance.random() < 0.4:
            count_noted(at=timezone.now())
    count_noted(at=timezone.now())
    assert not Uncounted.objects.exists()
    by_notes = rows()
    count_everything(at=timezone.now())
    assert rows() == by_notes
    _waits_know_where_and_in_what_they_began()


def _receive(channel: Channel, batch: Sequence[Heard], *, at_round: int, chance: Random) -> None:
    told = [one.on(channel) for one in batch]
    arrivals = [one for one in told if isinstance(one, Arrival)]
    for arrival in arrivals:
        language = chance.choice(("", "de", "fr"))
        arrival.message = replace(arrival.message, language=language)
    receive(
        arrivals,
        gone=[one for one in told if isinstance(one, Departure)],
        at=heard_at(at_round, late=False),
    )


def _tag_or_untag(tag: Tag, chance: Random) -> None:
    ids = list(Conversation.objects.order_by("id").values_list("id", flat=True))
    if ids:
        chosen = chance.choice(ids)
        was_there = ConversationTag.objects.filter(conversation=chosen, tag=tag).delete()[0]
        if not was_there:
            ConversationTag.objects.create(conversation_id=chosen, tag=tag)


def _waits_know_where_and_in_what_they_began() -> None:
    """Two waits of one instant began with two messages of it, whichever was whose."""
    for clock in Clock.objects.all():
        openings = Message.objects.filter(
            conversation=clock.conversation_id,
            posted_at=clock.started_at,
            direction=Message.Direction.INBOUND,
        ).exclude(surface=Surface.FOUND)
        assert (clock.surface, clock.language) in openings.values_list("surface", "language")
