"""Giving every conversation to one person: by the router, or by a person's own decision.

Lock order: conversations, then agents (`seats`), ids ascending.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import Coalesce, RowNumber

from apps.agents.models import User
from apps.channels.registry import RECEIVING_ONLY
from apps.common import sets
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Conversation
from apps.conversations.operations.locking import locked
from apps.conversations.operations.seats import Seat, lock_seats
from apps.ledger.recording import Entry, record

ASSIGNMENT = ("assignee", "assigned_at", "assigned_by_person", "assigned_because")


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that waits for somebody to be responsible for it."""

    id: int
    channel_id: int
    team_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """Whom the router chose for it, and why, in words."""

    place: Place
    user_id: int
    because: str


@transaction.atomic
def route(*, conversation_ids: Collection[int], at: datetime) -> int:
    """Give these conversations, longest wait first, to the least loaded agents with room.

    Only open, unassigned ones that need attention are given, and none of a channel that only
    receives; what finds no room stays unassigned.
    Returns how many were given.
    """
    given = give_out(conversation_ids, at=at)
    record(given, at=at)
    return len(given)


def give_out(conversation_ids: Collection[int], *, at: datetime) -> list[Entry]:
    """Do what `route` does, in the caller's transaction; the caller records what is returned."""
    waiting = _waiting_for_an_agent(conversation_ids)
    if not waiting:
        return []
    seats = lock_seats(team_ids={place.team_id for place in waiting}, at=at)
    given = list(_chosen(waiting, seats, at=at))
    _give(given, at=at)
    return [_entry_of(one) for one in given]


@transaction.atomic
def route_waiting(*, at: datetime, limit: int = 200) -> int:
    """Give out what has been waiting unassigned, oldest first: called by the sweep.

    `limit` holds for each team, so that one without room never keeps others' customers waiting.
    """
    since = Coalesce("waiting_since", "unseen_since")
    waiting = (
        Conversation.objects.open()
        .needing_attention()
        .filter(assignee__isnull=True)
        .exclude(channel__network__in=RECEIVING_ONLY)
        .annotate(
            place=Window(
                RowNumber(), partition_by=F("channel__team"), order_by=[since.asc(), F("id").asc()]
            )
        )
        .filter(place__lte=limit)
    )
    return route(conversation_ids=list(waiting.values_list("id", flat=True)), at=at)


@transaction.atomic
def take(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Take an unassigned conversation; Conflict if a colleague was faster."""
    present = locked(conversation, by=by)
    if present.assignee_id == by.pk:
        return
    if present.assignee is not None:
        raise Conflict(f"{present.assignee.name} took this conversation a moment ago.")
    _assign(present, to=by, by=by, because=f"{by.first_name} took it.", at=at)


@transaction.atomic
def assign(*, conversation: Conversation, to: User | None, by: User, at: datetime) -> None:
    """Hand a conversation to a colleague, or back to the queue with `to=None`.

    A person's decision beats the router's, and capacity too.
    """
    present = locked(conversation, by=by)
    if to is None:
        _release(present, by=by, at=at)
        return
    if not to.is_active:
        raise DeskError(f"{to.name} no longer works here. Choose somebody else.")
    if not (to.is_admin or to.teams.filter(id=present.channel.team_id).exists()):
        raise DeskError(f"{to.name} is not in the team that answers {present.channel.handle}.")
    if present.assignee_id != to.pk:
        _assign(present, to=to, by=by, because=f"{by.first_name} assigned it.", at=at)


def still_free(
    conversations: Sequence[Conversation], *, team_ids: Collection[int], at: datetime
) -> set[int]:
    """Which of these conversations, about to reopen, may stay with their assignee.

    `team_ids` are the teams that may be given work next in this transaction: their agents are
    locked at once, since agents locked in two steps would not be locked in the order of ids.
    """
    assignees = {c.assignee_id for c in conversations if c.assignee_id is not None}
    seats = {
        seat.user_id: seat for seat in lock_seats(team_ids=team_ids, user_ids=assignees, at=at)
    }
    keeping = set()
    for conversation in conversations:
        seat = seats.get(conversation.assignee_id) if conversation.assignee_id else None
        if seat and seat.has_room:
            seat.give(at=at)
            keeping.add(conversation.pk)
    return keeping


def _waiting_for_an_agent(conversation_ids: Collection[int]) -> list[Place]:
    """What somebody else has in hand is left to them, and to the next sweep."""
    if not conversation_ids:
        return []
    rows = sets.execute(
        """
        SELECT conversation.id, conversation.channel_id, channel.team_id,
               coalesce(conversation.waiting_since, conversation.unseen_since)
        FROM conversations_conversation conversation
        JOIN channels_channel channel ON channel.id = conversation.channel_id
        WHERE conversation.id = ANY(%b::bigint[]) AND conversation.state = 'open'
          AND conversation.merged_into_id IS NULL AND conversation.assignee_id IS NULL
          AND (conversation.waiting_since IS NOT NULL OR conversation.unseen_since IS NOT NULL)
          AND channel.network <> ALL(%b::text[])
        ORDER BY conversation.id FOR NO KEY UPDATE OF conversation SKIP LOCKED
        """,
        list(conversation_ids),
        RECEIVING_ONLY,
    )
    return sorted((Place(*row) for row in rows), key=lambda place: (place.since, place.id))


def _chosen(places: Sequence[Place], seats: Sequence[Seat], *, at: datetime) -> Iterator[Given]:
    """Give each place in turn to the least loaded of its team's agents with room."""
    by_team = {
        team_id: [seat for seat in seats if team_id in seat.team_ids]
        for team_id in {place.team_id for place in places}
    }
    for place in places:
        free = [seat for seat in by_team[place.team_id] if seat.has_room]
        if not free:
            continue
        seat = min(free, key=attrgetter("fullness"))
        yield Given(place, seat.user_id, _least_loaded(seat))
        seat.give(at=at)


def _least_loaded(seat: Seat) -> str:
    return f"Least loaded on shift: {seat.load} of {seat.capacity} before this one."


def _give(given: Sequence[Given], *, at: datetime) -> None:
    if not given:
        return
    sets.execute(
        """
        UPDATE conversations_conversation conversation
        SET assignee_id = given.user_id, assigned_at = %b::timestamptz,
            assigned_by_person = false, assigned_because = given.because
        FROM unnest(%b::bigint[], %b::bigint[], %b::text[]) AS given(id, user_id, because)
        WHERE conversation.id = given.id
        """,
        at,
        [one.place.id for one in given],
        [one.user_id for one in given],
        [one.because for one in given],
    )


def _entry_of(given: Given) -> Entry:
    return Entry(
        kind="assigned",
        conversation_id=given.place.id,
        user_id=given.user_id,
        channel_id=given.place.channel_id,
        team_id=given.place.team_id,
        data={"because": given.because},
    )


def _assign(conversation: Conversation, *, to: User, by: User, because: str, at: datetime) -> None:
    User.objects.select_for_update(no_key=True).get(id=to.pk)
    conversation.assignee = to
    conversation.assigned_at = at
    conversation.assigned_by_person = True
    conversation.assigned_because = because
    conversation.save(update_fields=ASSIGNMENT)
    record([_entry(conversation, by=by)], at=at)


def _release(conversation: Conversation, *, by: User, at: datetime) -> None:
    if conversation.assignee_id is None:
        return
    entry = Entry(
        kind="unassigned",
        by_id=by.pk,
        conversation_id=conversation.pk,
        user_id=conversation.assignee_id,
        channel_id=conversation.channel_id,
        team_id=conversation.channel.team_id,
    )
    clear(conversation)
    conversation.save(update_fields=ASSIGNMENT)
    record([entry], at=at)


def clear(conversation: Conversation) -> None:
    """Make the row one that nobody is assigned to; the caller saves it."""
    conversation.assignee = conversation.assigned_at = None
    conversation.assigned_by_person = False
    conversation.assigned_because = ""


def _entry(conversation: Conversation, *, by: User) -> Entry:
    return Entry(
        kind="assigned",
        by_id=by.pk,
        conversation_id=conversation.pk,
        user_id=conversation.assignee_id,
        channel_id=conversation.channel_id,
        team_id=conversation.channel.team_id,
        data={"because": conversation.assigned_because},
    )
