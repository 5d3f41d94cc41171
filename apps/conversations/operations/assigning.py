"""A person's own decision who is responsible for a conversation: it beats the router's, always.

Lock order: conversations, then agents, ids ascending.
"""

from datetime import datetime

from django.db import transaction

from apps.agents.models import User
from apps.channels.registry import RECEIVING_ONLY
from apps.common import sets
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Conversation
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked
from apps.conversations.operations.seats import load_of
from apps.ledger.recording import Entry, record

ASSIGNMENT = (
    "assignee",
    "assigned_at",
    "assigned_by_person",
    "assigned_because",
    "weight",
    "returns_at",
    "returned_from",
)


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
def take_next(*, by: User, at: datetime) -> Conversation:
    """Take whatever is due first of all that this person may take and can do.

    Two who press at once get two different ones. DeskError where nothing waits for them.
    """
    rows = sets.execute(
        """
        SELECT conversation.id
        FROM conversations_conversation conversation
        JOIN channels_channel channel ON channel.id = conversation.channel_id
        JOIN agents_team team ON team.id = channel.team_id
        LEFT JOIN conversations_clock clock
            ON clock.conversation_id = conversation.id AND clock.stopped_at IS NULL
            AND clock.kind IN ('first_response', 'next_response')
        WHERE conversation.state = 'open' AND conversation.merged_into_id IS NULL
          AND conversation.assignee_id IS NULL
          AND conversation.attention_since IS NOT NULL
          AND channel.network <> ALL(%b::text[]) AND channel.skills <@ %b::varchar[]
          AND team.mode <> 'push' AND (%b::boolean OR EXISTS (
              SELECT 1 FROM agents_membership membership
              WHERE membership.team_id = team.id AND membership.user_id = %b::bigint))
        ORDER BY coalesce(clock.due_at, conversation.attention_since),
                 conversation.id
        LIMIT 1 FOR NO KEY UPDATE OF conversation SKIP LOCKED
        """,
        RECEIVING_ONLY,
        by.skills,
        by.is_admin,
        by.pk,
    )
    if not rows:
        raise DeskError("Nothing waits that you could take. What comes in next appears by itself.")
    [[conversation_id]] = rows
    present = Conversation.objects.select_related("channel__team").get(id=conversation_id)
    _assign(present, to=by, by=by, because=f"{by.first_name} took what was due first.", at=at)
    return present


@transaction.atomic
def assign(*, conversation: Conversation, to: User | None, by: User, at: datetime) -> User | None:
    """Hand a conversation to a colleague, or back to the queue with `to=None`.

    A person's decision beats the router's, and capacity too. Returns who had it before.
    """
    present = locked(conversation, by=by)
    before = present.assignee
    if to is None:
        _release(present, by=by, at=at)
        return before
    if not to.is_active:
        raise DeskError(f"{to.name} no longer works here. Choose somebody else.")
    if not (to.is_admin or to.teams.filter(id=present.channel.team_id).exists()):
        raise DeskError(f"{to.name} is not in the team that answers {present.channel.handle}.")
    if present.assignee_id != to.pk:
        _assign(present, to=to, by=by, because=f"{by.first_name} assigned it.", at=at)
    return before


@transaction.atomic
def assign_back(
    *, conversation: Conversation, to: User | None, was: User | None, by: User, at: datetime
) -> None:
    """Undo an assignment: Conflict where `was`, who got it then, has it no more."""
    present = locked(conversation, by=by)
    if present.assignee != was:
        raise Conflict("Somebody else decided about it since.")
    assign(conversation=present, to=to, by=by, at=at)


@transaction.atomic
def keep(*, by: User, at: datetime) -> int:
    """Decide to keep everything of one's own that would go back unopened; return how many."""
    rows = sets.execute(
        """
        UPDATE conversations_conversation conversation
        SET returns_at = NULL, assigned_by_person = true
        FROM (
            SELECT mine.id, mine.channel_id, channel.team_id
            FROM conversations_conversation mine
            JOIN channels_channel channel ON channel.id = mine.channel_id
            WHERE mine.assignee_id = %b::bigint AND mine.returns_at IS NOT NULL
            ORDER BY mine.id FOR NO KEY UPDATE OF mine
        ) kept
        WHERE conversation.id = kept.id
        RETURNING kept.id, kept.channel_id, kept.team_id
        """,
        by.pk,
    )
    _record_of_own("kept", rows, by=by, at=at)
    return len(rows)


def note_opened(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Note that the assignee looked at what they were given: it does not go back any more.

    Once for what a customer wrote last it is an event: there the leg of reading ends.
    """
    if conversation.assignee_id != by.pk:
        return
    if conversation.returns_at is not None or conversation.is_unread:
        note_read(conversation=conversation, by=by, at=at)


@transaction.atomic
def note_read(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Note that somebody works on what waits: its assignee opened it, or a draft was begun.

    Only an assignee stops the timer that would give it back.
    """
    rows = sets.execute(
        """
        WITH present AS (
            SELECT one.id, one.channel_id, channel.team_id,
                   one.returns_at IS NOT NULL AND one.assignee_id = %b::bigint AS is_timed
            FROM conversations_conversation one
            JOIN channels_channel channel ON channel.id = one.channel_id
            WHERE one.id = %b::bigint
            FOR NO KEY UPDATE OF one
        )
        UPDATE conversations_conversation conversation
        SET read_at = %b::timestamptz,
            returns_at = CASE WHEN present.is_timed THEN NULL ELSE conversation.returns_at END
        FROM present
        WHERE conversation.id = present.id
          AND (present.is_timed OR conversation.waiting_since IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM conversations_message message
              WHERE message.conversation_id = conversation.id AND message.direction = 'inbound'
              HAVING max(message.received_at) <= conversation.read_at))
        RETURNING conversation.id, conversation.channel_id, present.team_id, present.is_timed
        """,
        by.pk,
        conversation.pk,
        at,
    )
    timed = [(id_, channel_id, team_id) for id_, channel_id, team_id, is_timed in rows if is_timed]
    others = [(id_, channel_id, team_id) for id_, channel_id, team_id, is_t in rows if not is_t]
    _record_of_own("opened", timed, by=by, at=at)
    _record_of_own("opened", others, by=by, at=at, quiet=True)


def clear(conversation: Conversation) -> None:
    """Make the row one that nobody is assigned to; the caller saves it."""
    conversation.assignee = conversation.assigned_at = conversation.returns_at = None
    conversation.assigned_by_person = False
    conversation.assigned_because = ""
    conversation.returned_from = None


def over_capacity(user: User, *, load: int, weight: int) -> str:
    """Say that a person's decision gave somebody more than their capacity; else nothing."""
    if load + weight <= user.capacity:
        return ""
    return f" That is over capacity: {load + weight} of {user.capacity}."


def _assign(conversation: Conversation, *, to: User, by: User, because: str, at: datetime) -> None:
    present = User.objects.select_for_update(no_key=True).get(id=to.pk)
    conversation.weight = _weight(conversation)
    over = over_capacity(present, load=load_of(to.pk), weight=conversation.weight)
    conversation.assignee = to
    conversation.assigned_at = at
    conversation.assigned_by_person = True
    conversation.assigned_because = because + over
    conversation.returns_at = conversation.returned_from = None
    conversation.save(update_fields=ASSIGNMENT)
    record([_entry(conversation, by=by, is_over=bool(over))], at=at)


def _weight(conversation: Conversation) -> int:
    newest = conversation.messages.filter(direction="inbound").order_by("-posted_at", "-id").first()
    weights = conversation.channel.team.weights
    return int(weights.get(newest.surface, 1)) if newest else 1


def _release(conversation: Conversation, *, by: User, at: datetime) -> None:
    if conversation.assignee_id is None:
        return
    held_by = conversation.assignee
    entry = of_conversation(
        "unassigned", conversation, by_id=by.pk, user_id=conversation.assignee_id
    )
    clear(conversation)
    conversation.returned_from = held_by
    conversation.save(update_fields=ASSIGNMENT)
    record([entry], at=at)


def _entry(conversation: Conversation, *, by: User, is_over: bool) -> Entry:
    data: dict[str, object] = {"because": conversation.assigned_because}
    if is_over:
        data["over_capacity"] = True
    whose = conversation.assignee_id
    return of_conversation("assigned", conversation, by_id=by.pk, user_id=whose, data=data)


def _record_of_own(
    kind: str, rows: list[tuple[int, int, int]], *, by: User, at: datetime, quiet: bool = False
) -> None:
    record(
        [
            Entry(
                kind=kind,
                by_id=by.pk,
                conversation_id=conversation_id,
                user_id=by.pk,
                channel_id=channel_id,
                team_id=team_id,
                quiet=quiet,
            )
            for conversation_id, channel_id, team_id in rows
        ],
        at=at,
    )
