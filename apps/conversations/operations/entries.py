"""What the ledger is told of a conversation or a message: where it stands and whose team it is."""

from apps.conversations.models import Conversation, Message
from apps.ledger.recording import Entry


def of_conversation(
    kind: str,
    conversation: Conversation,
    *,
    by_id: int | None,
    message_id: int | None = None,
    user_id: int | None = None,
    customer_id: int | None = None,
    data: dict[str, object] | None = None,
) -> Entry:
    """Return the entry; `by_id` decided it, or nobody did, and `user_id` is whom it concerns."""
    return Entry(
        kind=kind,
        by_id=by_id,
        conversation_id=conversation.pk,
        message_id=message_id,
        user_id=user_id,
        channel_id=conversation.channel_id,
        customer_id=customer_id,
        team_id=conversation.channel.team_id,
        data=data or {},
    )


def of_message(
    kind: str, message: Message, *, by_id: int | None, data: dict[str, object] | None = None
) -> Entry:
    """Return the entry of what became of a message."""
    return Entry(
        kind=kind,
        by_id=by_id,
        conversation_id=message.conversation_id,
        message_id=message.pk,
        channel_id=message.channel_id,
        team_id=message.channel.team_id,
        data=data or {},
    )
