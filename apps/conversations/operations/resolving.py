"""Closing a contact, and taking that back: a person's decision, always."""

from datetime import datetime

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.conversations import clocks, timelines
from apps.conversations.models import Conversation, Message
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked
from apps.ledger.recording import record

ON_THE_WAY = [
    Message.State.QUEUED,
    Message.State.IN_FLIGHT,
    Message.State.RETRY,
    Message.State.UNKNOWN,
]


@transaction.atomic
def resolve(
    *, conversation: Conversation, by: User, at: datetime, no_reply_needed: str = ""
) -> None:
    """Close the contact. While somebody waits it takes a reason why no reply is needed."""
    present = locked(conversation, by=by)
    if present.state == Conversation.State.RESOLVED:
        return
    _refuse_while_on_the_way(present)
    waits = present.calls_for_an_answer
    if waits and not no_reply_needed.strip():
        raise DeskError(
            f"{present.identity.name} is waiting for an answer. Answer first, or say why"
            " no reply is needed."
        )
    present.state = Conversation.State.RESOLVED
    present.unseen_since = present.snoozed_until = present.woke_at = None
    present.save(update_fields=["state", "unseen_since", "snoozed_until", "woke_at"])
    reason = _reason(no_reply_needed) if waits else {}
    record([of_conversation(timelines.RESOLVED, present, by_id=by.pk, data=reason)], at=at)
    clocks.rerun([present.pk])


@transaction.atomic
def undo_resolve(*, conversation: Conversation, by: User, at: datetime) -> None:
    """Take the last resolve back; the same contact goes on as if it had never been closed."""
    present = locked(conversation, by=by)
    if present.state != Conversation.State.RESOLVED:
        raise Conflict("This conversation is open already.")
    resolves = timelines.closing_resolves(present.pk)
    if not resolves:
        raise Conflict("There is no resolve to take back.")
    present.state = Conversation.State.OPEN
    present.save(update_fields=["state"])
    undone: dict[str, object] = {"resolves": resolves}
    record([of_conversation(timelines.RESOLVE_UNDONE, present, by_id=by.pk, data=undone)], at=at)
    clocks.rerun([present.pk])


@transaction.atomic
def dismiss(*, conversation: Conversation, by: User, at: datetime, no_reply_needed: str) -> None:
    """End a wait without a reply and keep the conversation open; the reason is recorded."""
    present = locked(conversation, by=by)
    _refuse_while_on_the_way(present)
    if not present.calls_for_an_answer:
        raise Conflict("Nobody is waiting in this conversation.")
    if not no_reply_needed.strip():
        raise DeskError("Say why no reply is needed; colleagues will read it.")
    present.unseen_since = present.woke_at = None
    present.save(update_fields=["unseen_since", "woke_at"])
    reason = _reason(no_reply_needed)
    record([of_conversation(timelines.DISMISSED, present, by_id=by.pk, data=reason)], at=at)
    clocks.rerun([present.pk])


def _refuse_while_on_the_way(conversation: Conversation) -> None:
    if conversation.messages.filter(state__in=ON_THE_WAY).exists():
        raise Conflict("A reply is still on its way. Send it now or take it back, then resolve.")


def _reason(no_reply_needed: str) -> dict[str, object]:
    return {"reason": no_reply_needed.strip()[:300]}
