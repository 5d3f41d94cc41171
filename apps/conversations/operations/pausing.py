"""Saying that resolving waits on somebody else: it pauses the resolution clock, and no other."""

from datetime import datetime

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import Conflict
from apps.conversations import clocks, timelines
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked
from apps.ledger.recording import record


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
        entry = of_conversation(
            timelines.PAUSED, present, by_id=by.pk, data={"for": str(paused_for)}
        )
        record([entry], at=at)
        clocks.rerun([present.pk])


@transaction.atomic
def unpause(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Let the resolution go on; what was due moves by the open time that the pause took."""
    present = locked(conversation, by=by)
    if present.paused_for is None:
        raise Conflict("This conversation is not paused any more.")
    record([of_conversation(timelines.UNPAUSED, present, by_id=by.pk)], at=at)
    clocks.rerun([present.pk])
