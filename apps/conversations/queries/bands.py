"""The bands a list is made of: which conversations each holds, in which order, from where on.

Asked for all channels at once PostgreSQL would read and sort all that is open; one by one each
channel's first come from an index in order, however many stand behind them: what is due from that
of the clocks that run, found and welcome from that of the silent surfaces.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Exists, Func, OuterRef, Q, QuerySet

from apps.agents.models import User
from apps.channels.models import Channel
from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Conversation, ConversationTag, Message
from apps.conversations.models.conversation import ConversationQuerySet
from apps.conversations.models.message import SILENT_SURFACES
from apps.conversations.queries.asking import (
    Asked,
    Filters,
    Order,
    Place,
    Queue,
    Section,
)

Ids = QuerySet[Any, int]
SURFACES = {Queue.FOUND: "found", Queue.WELCOME: "follow"}


class Unnested(Func):
    """The members of an array, a row each."""

    function = "unnest"
    set_returning = True
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True)
class Band:
    """Conversations in the order of one field. Where no one index holds them all they come from
    several `sources`; `channel` names the field by which an index has each channel's in order.
    """

    section: Section
    field: str
    sources: tuple[ConversationQuerySet, ...]
    descending: bool = False
    channel: str = "channel"

    @property
    def order(self) -> tuple[str, str]:
        """The fields to order by."""
        sign = "-" if self.descending else ""
        return f"{sign}{self.field}", f"{sign}id"

    def beyond(self, place: Place) -> Q:
        """What stands after a place. The outer bound is where PostgreSQL may begin in the index."""
        further = "lt" if self.descending else "gt"
        return Q(**{f"{self.field}__{further}e": place.at}) & (
            Q(**{f"{self.field}__{further}": place.at})
            | Q(**{self.field: place.at, f"id__{further}": place.conversation_id})
        )


def bands(asked: Asked, *, at: datetime) -> list[Band]:
    """Return what the list is made of, from its top."""
    return [
        replace(
            band,
            sources=tuple(_narrowed(rows, asked.filters, at=at) for rows in band.sources),
        )
        for band in _of_queue(asked, at=at)
    ]


def attention(asked: Asked, *, at: datetime) -> Band:
    """Return the band that is counted: those who wait, and of other queues all."""
    whole = Asked(asked.queue, asked.filters, Order.WAITING)
    return bands(whole, at=at)[0]


def within(band: Band, place: Place | None, only: Sequence[int] | None) -> Band:
    """Return what of a band stands after a place, and of `only` these, if any are named."""
    beyond = Q() if place is None or place.section is not band.section else band.beyond(place)
    if only is not None:
        beyond &= Q(id__in=only)
    return replace(band, sources=tuple(rows.filter(beyond) for rows in band.sources))


def ids(band: Band, asked: Asked, user: User, limit: int) -> Ids:
    """Return the ids of a band's first in this person's queue, `limit` of each source at least."""
    first, *others = (_scoped(band, source, asked, user, limit) for source in band.sources)
    return first.union(*others, all=True) if others else first


def _of_queue(asked: Asked, *, at: datetime) -> list[Band]:
    is_open = Conversation.objects.open()
    match asked.queue:
        case Queue.SNOOZED:
            return [Band(Section.SNOOZED, "snoozed_until", (Conversation.objects.snoozed(),))]
        case Queue.FOUND | Queue.WELCOME:
            silent = is_open.filter(_silent(SURFACES[asked.queue]), ~SPOKEN)
            return [Band(Section.NEWEST, "last_message_at", (silent,), True, channel="")]
        case Queue.AT_RISK:
            return [_due(Q(warn_at__lte=at) | Q(due_at__lte=at))]
        case queue:
            return _of_open_ones(asked.order, is_mine=queue is Queue.MINE)


def _of_open_ones(order: Order, *, is_mine: bool) -> list[Band]:
    """What was not said to us stands in queues of its own, unless a person has it in hand."""
    is_open = Conversation.objects.open()
    waiting = is_open.needing_attention()
    answered = is_open.filter(attention_since__isnull=True)
    if not is_mine:
        answered = answered.filter(~_silent(*SILENT_SURFACES) | SPOKEN)
    if order is Order.NEWEST:
        return [Band(Section.NEWEST, "last_message_at", (waiting, answered), True)]
    rest = Band(Section.ANSWERED, "last_message_at", (answered,), True)
    if order is Order.WAITING:
        return [Band(Section.WAITING, "attention_since", (waiting,)), rest]
    unpromised = waiting.with_wait().filter(Q(due_at__isnull=True))
    return [
        _due(),
        Band(Section.WAITING, "attention_since", (unpromised,)),
        rest,
    ]


def _due(*which: Q) -> Band:
    due = Conversation.objects.open().with_wait().filter(Q(due_at__isnull=False), *which)
    return Band(Section.DUE, "due_at", (due,), channel="wait_channel")


def _heard(**said: object) -> Exists:
    return Exists(
        Message.objects.filter(
            conversation=OuterRef("id"), direction=Message.Direction.INBOUND, **said
        )
    )


def _silent(*surfaces: str) -> Exists:
    """Somebody was found, or followed. Written so that the index of the silent ones serves."""
    return _heard(surface__in=surfaces)


SPOKEN = Exists(
    Message.objects.filter(
        conversation=OuterRef("id"), direction=Message.Direction.INBOUND
    ).exclude(surface__in=SILENT_SURFACES)
)
"""Somebody addressed us."""


def _narrowed(rows: ConversationQuerySet, asked: Filters, *, at: datetime) -> ConversationQuerySet:
    if asked.channel is not None:
        rows = rows.filter(channel=asked.channel)
    if asked.team is not None:
        rows = rows.filter(channel__team=asked.team)
    if asked.assignee is not None:
        rows = (
            rows.filter(assignee=asked.assignee or None)
            if asked.assignee
            else rows.filter(assignee__isnull=True)
        )
    if asked.priority:
        rows = rows.filter(priority=asked.priority)
    if asked.over is not None:
        rows = rows.filter(attention_since__lte=at - timedelta(minutes=asked.over))
    if asked.tag is not None:
        bears = ConversationTag.objects.filter(conversation=OuterRef("id"), tag=asked.tag)
        rows = rows.filter(Exists(bears))
    if asked.surface:
        rows = rows.filter(_heard(surface=asked.surface))
    if asked.language:
        rows = rows.filter(_heard(language__iexact=asked.language))
    return rows


def _scoped(band: Band, source: ConversationQuerySet, asked: Asked, user: User, limit: int) -> Ids:
    ordered = source.order_by(*band.order)
    match asked.queue:
        case Queue.MINE:
            return _own(ordered, user)[:limit]
        case Queue.UNASSIGNED:
            return _of_teams(band, ordered.filter(assignee__isnull=True), asked, user, limit)
        case Queue.FOUND | Queue.WELCOME:
            return _of_teams(band, ordered, asked, user, limit)
        case _:
            return _everyone(band, ordered, asked, user, limit)


def _own(ordered: ConversationQuerySet, user: User) -> Ids:
    """What this person has in hand, in any team; nobody answers what came from an archive."""
    found = ordered.filter(assignee=user).exclude(channel__network__in=RECEIVING_ONLY)
    return found.values_list("id", flat=True)


def _everyone(
    band: Band, ordered: ConversationQuerySet, asked: Asked, user: User, limit: int
) -> Ids:
    """Of their channels, and their own of other teams' channels: each once, so that to count them
    PostgreSQL need not see them all.
    """
    elsewhere = _own(ordered.exclude(channel__in=Channel.objects.answered_by(user)), user)
    return _of_teams(band, ordered, asked, user, limit).union(elsewhere[:limit], all=True)


def _of_teams(
    band: Band, ordered: ConversationQuerySet, asked: Asked, user: User, limit: int
) -> Ids:
    """The first `limit`, or of each channel the first `limit`, where this person works."""
    channels = Channel.objects.answered_by(user).exclude(network__in=RECEIVING_ONLY).order_by()
    if not band.channel:
        return ordered.filter(channel__in=channels).values_list("id", flat=True)[:limit]
    if asked.filters.channel is not None:
        channels = channels.filter(id=asked.filters.channel)
    if asked.filters.team is not None:
        channels = channels.filter(team=asked.filters.team)
    first = ordered.filter(**{band.channel: OuterRef("id")}).values("id")[:limit]
    return channels.values_list(Unnested(ArraySubquery(first)), flat=True)
