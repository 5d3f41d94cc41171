"""Taking a conversation in hand before anything about it is decided."""

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.models import Conversation


def locked(conversation: Conversation, *, by: User) -> Conversation:
    """Return the conversation as it is now, locked, if this person may act on it.

    One that was merged into another is followed there. DeskError if it is not theirs to act on.
    """
    present = (
        Conversation.objects.answered_by(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("channel", "identity")
        .filter(id=conversation.merged_into_id or conversation.pk)
        .first()
    )
    if present is None:
        raise DeskError("Another team answers this conversation. You can read it, not act on it.")
    if present.merged_into is not None:
        return locked(present, by=by)
    return present
