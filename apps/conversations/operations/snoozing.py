"""Putting a conversation off until an instant that a person chose: it pauses no clock.

Lock order: conversations, then agents, ids ascending.
"""

from datetime import datetime, timedelta

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning, routing
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked
from apps.ledger.models import Event
from apps.ledger.recording import Entry, record

LONGEST = timedelta(days=366)
SNOOZED, WOKE = "snoozed", "woke"
ENDED_BY_IT = ("snoozed_until", "woke_at", "returns_at")
"""What a snooze puts an end to, whatever it had been."""


@transaction.atomic
def snooze(
    *,
    conversation: Conversation,
    until: datetime,
    by: User,
    at: datetime,
    seen_message_id: int | None = None,
) -> None:
    """Put it aside until then; snoozed already, it is put off to that instant instead.

    A customer who writes ends it. Raises Conflict when they wrote after the newest message that
    was seen, DeskError for an instant that has passed or is more than a year away.
    """
    present = locked(conversation, by=by)
    if present.state == Conversation.State.RESOLVED:
        raise Conflict("This conversation is resolved. Undo the resolve first, then snooze it.")
    if until <= at:
        raise DeskError("That time has passed. Choose a later one.")
    if until - at > LONGEST:
        raise DeskError("That is more than a year away. Choose an earlier time.")
    if seen_message_id is not None and present.wrote_since(seen_message_id):
        raise Conflict(f"{present.identity.name} wrote again since you looked. Read it first.")
    before = {name: getattr(present, name) for name in ENDED_BY_IT}
    present.state = Conversation.State.SNOOZED
    present.snoozed_until = until
    present.woke_at = present.returns_at = None
    present.save(update_fields=["state", *ENDED_BY_IT])
    had = {name: instant.isoformat() for name, instant in before.items() if instant}
    data: dict[str, object] = {"until": until.isoformat(), "before": had}
    record([_entry(SNOOZED, present, by=by, data=data)], at=at)


@transaction.atomic
def snooze_back(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Undo one's own snooze: what it was put off to before, or open as it was.

    Conflict where anything else was decided about it since.
    """
    present = locked(conversation, by=by)
    last = Event.objects.filter(conversation_id=present.pk, kind__in=[SNOOZED, WOKE])
    snoozed = last.order_by("-id").first()
    if snoozed is None or snoozed.by_id != by.pk or not _is_of(snoozed, present):
        raise Conflict("Something else was decided about it since.")
    before = {name: datetime.fromisoformat(at) for name, at in snoozed.data["before"].items()}
    for name in ENDED_BY_IT:
        setattr(present, name, before.get(name))
    if not _still_goes_back(present, since=snoozed, at=at):
        present.returns_at = None
    until = present.snoozed_until
    present.state = Conversation.State.SNOOZED if until else Conversation.State.OPEN
    present.save(update_fields=["state", *ENDED_BY_IT])
    if until:
        record([_entry(SNOOZED, present, by=by, data={"until": until.isoformat()})], at=at)
    else:
        record([_entry(WOKE, present, by=by)], at=at)


def _still_goes_back(conversation: Conversation, *, since: Event, at: datetime) -> bool:
    """Whether what was given before that snooze, with a timer, is as unopened as it was then."""
    given, goes_back = conversation.assigned_at, conversation.returns_at
    if conversation.assignee_id != since.user_id or given is None or goes_back is None:
        return False
    is_unopened = conversation.read_at is None or conversation.read_at <= since.at
    return given <= since.at and is_unopened and goes_back > at


def _is_of(snoozed: Event, conversation: Conversation) -> bool:
    """Whether a conversation is put off as that event tells; what undid one tells no `before`."""
    if "before" not in snoozed.data or conversation.snoozed_until is None:
        return False
    return datetime.fromisoformat(snoozed.data["until"]) == conversation.snoozed_until


@transaction.atomic
def wake(*, conversation: Conversation, by: User, at: datetime) -> None:
    """End a snooze before its time; whoever has the conversation keeps it."""
    present = locked(conversation, by=by)
    if present.state != Conversation.State.SNOOZED:
        raise Conflict("This conversation is not snoozed any more.")
    present.state = Conversation.State.OPEN
    present.snoozed_until = None
    present.save(update_fields=["state", "snoozed_until"])
    record([_entry(WOKE, present, by=by)], at=at)


@transaction.atomic
def wake_due(*, at: datetime, limit: int = 500) -> int:
    """Bring back what was put off until now; called by the sweep. Returns how many woke.

    As with a reopened one, the assignee keeps it while on shift and with room (words.md); else it
    goes to somebody else. It stays in sight until somebody answers, resolves or snoozes it.
    """
    due = list(
        Conversation.objects.filter(snoozed_until__lte=at)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("channel__team")
        .order_by("id")[:limit]
    )
    if not due:
        return 0
    team_ids = {conversation.channel.team_id for conversation in due}
    keeping = routing.still_free(due, team_ids=team_ids, at=at)
    for conversation in due:
        conversation.state = Conversation.State.OPEN
        conversation.snoozed_until = None
        conversation.woke_at = at
        if conversation.pk not in keeping:
            assigning.clear(conversation)
    fields = ["state", "snoozed_until", "woke_at", *assigning.ASSIGNMENT]
    Conversation.objects.bulk_update(due, fields)
    record([_entry(WOKE, conversation, by=None) for conversation in due], at=at)
    routing.route(conversation_ids=[c.pk for c in due if c.pk not in keeping], at=at)
    return len(due)


def _entry(
    kind: str, conversation: Conversation, *, by: User | None, data: dict[str, object] | None = None
) -> Entry:
    whose = conversation.assignee_id
    by_id = by.pk if by else None
    return of_conversation(kind, conversation, by_id=by_id, user_id=whose, data=data)
