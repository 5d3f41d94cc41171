"""Taking a channel or a conversation in hand before anything about it is decided."""

from collections.abc import Iterable

from apps.agents.models import User
from apps.common import sets
from apps.common.errors import DeskError
from apps.conversations.models import Conversation


def lock_channels(channel_ids: Iterable[int]) -> None:
    """Let trees of these channels grow in one transaction at a time, so that none grows in two.

    Ids ascending, and before any conversation is locked; other channels are not held up.
    """
    sets.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('receiving', id))"
        " FROM unnest(%b::bigint[]) WITH ORDINALITY AS channel(id, place) ORDER BY place",
        sorted(set(channel_ids)),
    )


def locked(conversation: Conversation, *, by: User) -> Conversation:
    """Return the conversation as it is now, locked, if this person may act on it.

    One that was merged into another is followed there. DeskError if it is not theirs to act on.
    """
    present = (
        Conversation.objects.answered_by(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("channel__team", "identity")
        .filter(id=conversation.merged_into_id or conversation.pk)
        .first()
    )
    if present is None:
        raise DeskError("Another team answers this conversation. You can read it, not act on it.")
    if present.merged_into is not None:
        return locked(present, by=by)
    return present
