"""The conversations behind a figure of now, from the same rows that made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, Message
from apps.reports import present
from apps.reports.behind import PAGE
from apps.reports.promises import past_due


class Tile(StrEnum):
    """A figure of the wallboard."""

    WAITING = "waiting"
    UNASSIGNED = "unassigned"
    UNSEEN = "unseen"
    AT_RISK = "at-risk"
    PAST_DUE = "past-due"
    ARRIVALS = "arrivals"
    ANSWERS = "answers"
    ANSWERED = "answered-today"
    ASKED = "asked-today"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A conversation, and why it is in the list: what began or was said in it `at`.

    `ended` is None while it goes on, `person` whose it is, who answered or who wrote.
    """

    conversation: Conversation | None
    channel: str
    at: datetime
    ended: datetime | None = None
    due: datetime | None = None
    person: User | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: after what has that instant and id, even if it is there no longer."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class BehindNow:
    """Some of what a figure counts, the oldest first, and where it goes on."""

    count: int
    rows: Sequence[Row]
    next: Place | None


def behind_now(
    tile: Tile,
    *,
    user: User,
    at: datetime,
    channel_id: int | None = None,
    after: Place | None = None,
) -> BehindNow:
    """Return a page of what a tile counts at that instant, of one channel if one is named."""
    counted, order = _counted(tile, user=user, at=at, channel_id=channel_id)
    ordered = counted.order_by(order, "id")
    if after is not None:
        later = Q(**{f"{order}__gt": after.at}) | Q(**{order: after.at, "id__gt": after.id})
        ordered = ordered.filter(later)
    found = list(ordered[: PAGE + 1])
    rows = [_row(one, getattr(one, order)) for one in found[:PAGE]]
    more = Place(rows[-1].at, found[PAGE - 1].pk) if len(found) > PAGE else None
    return BehindNow(counted.count(), rows, more)


_TALKS = {
    Tile.WAITING: (present.WAITING, "waiting_since"),
    Tile.UNASSIGNED: (present.UNASSIGNED, "waiting_since"),
    Tile.UNSEEN: (present.UNSEEN, "unseen_since"),
}


def _counted(
    tile: Tile, *, user: User, at: datetime, channel_id: int | None
) -> tuple[QuerySet[Any], str]:
    """Return the rows, and by which of their instants they are listed."""
    live = present.live_channels(user)
    if channel_id is not None:
        live = live.filter(id=channel_id)
    if tile in _TALKS:
        which, since = _TALKS[tile]
        return _talks(live, which), since
    match tile:
        case Tile.ARRIVALS:
            came_in = present.came_in(at - present.SLICE)
            return _said(present.said(live).filter(came_in)), "received_at"
        case Tile.ANSWERS:
            went_out = present.went_out(at - present.SLICE)
            return _said(present.said(live).filter(went_out)), "posted_at"
        case _:
            return _waits(_clocks(tile, live, at=at)), "started_at"


def _clocks(tile: Tile, live: QuerySet[Channel], *, at: datetime) -> QuerySet[Clock]:
    match tile:
        case Tile.AT_RISK:
            return present.promised(live).filter(present.at_risk(at))
        case Tile.PAST_DUE:
            return present.promised(live).filter(past_due(at))
        case Tile.ANSWERED:
            return present.today(live, at=at).filter(present.ANSWERED_TODAY)
        case _:
            return present.today(live, at=at).filter(present.ASKED_TODAY)


def _talks(live: QuerySet[Channel], which: Q) -> QuerySet[Conversation]:
    found = present.attention(live).filter(which).with_wait()
    return found.select_related("identity", "channel", "assignee")


def _waits(found: QuerySet[Clock]) -> QuerySet[Clock]:
    return found.select_related(
        "conversation__identity", "conversation__assignee", "channel", "credited_to"
    )


def _said(found: QuerySet[Message]) -> QuerySet[Message]:
    return found.select_related("conversation__identity", "channel", "author").defer("text")


def _row(one: Conversation | Clock | Message, at: datetime) -> Row:
    match one:
        case Conversation():
            due: datetime | None = one.due_at  # type: ignore[attr-defined]  # with_wait
            return Row(
                conversation=one, channel=str(one.channel), at=at, due=due, person=one.assignee
            )
        case Clock():
            return Row(
                conversation=one.conversation,
                channel=str(one.channel),
                at=at,
                ended=one.stopped_at,
                due=one.due_at,
                person=one.credited_to if one.stopped_at else one.conversation.assignee,
            )
        case Message():
            return Row(
                conversation=one.conversation,
                channel=str(one.channel),
                at=at,
                person=one.author,
                message_id=one.pk,
            )
