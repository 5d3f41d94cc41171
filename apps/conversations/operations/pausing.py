"""Saying that resolving waits on somebody else: it pauses the resolution clock, and no other."""

from datetime import datetime

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import Conflict
from apps.conversations import clocks, timelines
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations.locking import locked
from apps.ledger.recording import Entry, record


@transaction.atomic
def pause(
    *, conversation: Conversation, paused_for: Conversation.Pause, by: User, at: datetime
) -> None:
    """Pause the resolution until a person ends that or the customer writes.

    Paused already, it goes on waiting, on whom is said now. Conflict where nothing is to resolve.
    """
    present = locked(conversation, by=by)
    running = present.clocks.filter(kind=Clock.Kind.RESOLUTION, stopped_at__isnull=True)
    if not running.exists():
        raise Conflict("There is nothing to resolve in this conversation any more.")
    if present.paused_for != paused_for:
        _record(timelines.PAUSED, present, by=by, at=at, data={"for": str(paused_for)})
        clocks.rerun([present.pk])


@transaction.atomic
def unpause(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Let the resolution go on; what was due moves by the open time that the pause took."""
    present = locked(conversation, by=by)
    if present.paused_for is None:
        raise Conflict("This conversation is not paused any more.")
    _record(timelines.UNPAUSED, present, by=by, at=at, data={})
    clocks.rerun([present.pk])


def _record(
    kind: str, conversation: Conversation, *, by: User, at: datetime, data: dict[str, object]
) -> None:
    entry = Entry(
        kind=kind,
        by_id=by.pk,
        conversation_id=conversation.pk,
        channel_id=conversation.channel_id,
        team_id=conversation.channel.team_id,
        data=data,
    )
    record([entry], at=at)
