"""A person writes something for colleagues only."""

from datetime import datetime

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.common.text import storable
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import mentioning
from apps.conversations.operations.entries import of_message
from apps.conversations.operations.locking import locked
from apps.ledger.recording import record

LONGEST_NOTE = 20_000


@transaction.atomic
def note(*, conversation: Conversation, text: str, by: User, at: datetime) -> Message:
    """Write something for colleagues only; it never leaves the desk and stops no clock.

    Whom it names by @ is told.
    """
    present = locked(conversation, by=by)
    if not text.strip():
        raise DeskError("The note is empty. Write something first.")
    if len(text) > LONGEST_NOTE:
        raise DeskError(
            f"The note has {len(text):,} characters; the desk keeps up to {LONGEST_NOTE:,}."
            " Shorten it, or link to where it stands."
        )
    message = Message.objects.create(
        channel=present.channel,
        thread_id=present.thread_id,
        conversation=present,
        direction=Message.Direction.NOTE,
        origin=Message.Origin.DESK,
        author=by,
        text=storable(text),
        posted_at=at,
        received_at=at,
    )
    record([of_message("noted", message, by_id=by.pk)], at=at)
    mentioning.tell_named(message, by=by, at=at)
    return message
