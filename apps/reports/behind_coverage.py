"""The messages behind a figure of coverage, from the same rows that made it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from apps.agents.models import User
from apps.conversations.models import Message
from apps.intake.models import Gap
from apps.reports.behind import PAGE
from apps.reports.coverage import DAYS, IS_LATE, IS_MISSING, gaps, inbound
from apps.reports.present import live_channels


class Heard(StrEnum):
    """What coverage counts of a channel."""

    HEARD = "heard"
    LATE = "late"
    FOUND = "found"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A message by the network's name for it; `message` is None while it is not stored.

    `received_at` is when the desk had it, of what is missing when it was found to be.
    """

    external_id: str
    channel: str
    posted_at: datetime
    received_at: datetime
    message: Message | None


@dataclass(frozen=True, slots=True)
class BehindCoverage:
    """Some of them, what came last first; `next` is the id to go on after."""

    count: int
    rows: Sequence[Row]
    next: int | None


def behind_coverage(
    heard: Heard,
    *,
    user: User,
    at: datetime,
    channel_id: int | None = None,
    after: int | None = None,
) -> BehindCoverage:
    """Return a page of what a figure counts, of one channel if one is named."""
    live, since = live_channels(user), at - timedelta(days=DAYS)
    if channel_id is not None:
        live = live.filter(id=channel_id)
    counted: QuerySet[Any]
    match heard:
        case Heard.HEARD:
            counted = inbound(live, since)
        case Heard.LATE:
            counted = inbound(live, since).filter(IS_LATE)
        case Heard.FOUND:
            counted = gaps(live, since)
        case Heard.MISSING:
            counted = gaps(live, since).filter(IS_MISSING)
    rows = counted if after is None else counted.filter(pk__lt=after)
    found = list(rows.order_by("-pk").select_related("channel")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    make: Callable[[Any], list[Row]] = (
        _of_messages if heard in {Heard.HEARD, Heard.LATE} else _of_gaps
    )
    return BehindCoverage(counted.count(), make(found[:PAGE]), more)


def _of_messages(found: Sequence[Message]) -> list[Row]:
    prefetch_related_objects(found, "conversation__identity")
    return [
        Row(
            external_id=one.external_id or "",
            channel=str(one.channel),
            posted_at=one.said_at,
            received_at=one.received_at,
            message=one,
        )
        for one in found
    ]


def _of_gaps(found: Sequence[Gap]) -> list[Row]:
    stored = _stored([(one.channel_id, one.external_id) for one in found])
    return [
        Row(
            external_id=one.external_id,
            channel=str(one.channel),
            posted_at=one.posted_at,
            received_at=one.found_at,
            message=stored.get((one.channel_id, one.external_id)),
        )
        for one in found
    ]


def _stored(names: Sequence[tuple[int, str]]) -> dict[tuple[int, str | None], Message]:
    messages = Message.objects.filter(
        channel__in={channel for channel, _ in names}, external_id__in={name for _, name in names}
    )
    shown = messages.select_related("conversation__identity").defer("text")
    return {(one.channel_id, one.external_id): one for one in shown}
