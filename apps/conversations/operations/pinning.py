"""Keeping a note on top of the brief, and taking it off again."""

from datetime import datetime

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.models import Conversation, Message, Pin
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked
from apps.ledger.recording import Entry, record

MOST = 5
"""What is pinned beyond these, nobody reads in ten seconds."""

PINNED, UNPINNED = "pinned", "unpinned"


@transaction.atomic
def pin(*, note: Message, by: User, at: datetime) -> None:
    """Keep a note on top of the brief of whoever it is about, on all their conversations."""
    if note.conversation is None or note.direction != Message.Direction.NOTE:
        raise DeskError("Only a note can be pinned.")
    conversation = locked(note.conversation, by=by)
    customer = conversation.identity.customer
    if Pin.objects.about(customer).exclude(note=note).count() >= MOST:
        raise DeskError(f"{MOST} notes are pinned already. Take one off first.")
    _, is_new = Pin.objects.get_or_create(note=note, defaults={"pinned_by": by, "pinned_at": at})
    if is_new:
        record([_entry(PINNED, note, conversation, by=by)], at=at)


@transaction.atomic
def unpin(*, note: Message, by: User, at: datetime) -> None:
    """Take a note off the top of the brief; it stays where it was written."""
    if note.conversation is None:
        raise DeskError("Only a note can be pinned.")
    conversation = locked(note.conversation, by=by)
    taken, _ = Pin.objects.filter(note=note).delete()
    if taken:
        record([_entry(UNPINNED, note, conversation, by=by)], at=at)


def _entry(kind: str, note: Message, conversation: Conversation, *, by: User) -> Entry:
    return of_conversation(kind, conversation, by_id=by.pk, data={"note": note.pk})
