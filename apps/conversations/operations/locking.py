"""Taking a channel or a conversation in hand before anything about it is decided."""

from collections.abc import Collection, Iterable

from django.db.models.functions import Coalesce

from apps.agents.models import User
from apps.common import sets
from apps.common.errors import DeskError
from apps.conversations.models import Conversation


def lock_channels(channel_ids: Iterable[int]) -> None:
    """Let trees of these channels grow in one transaction at a time, so that none grows in two.

    Ids ascending, and before any conversation is locked; other channels are not held up.
    """
    sets.send(
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


def locked_all(conversation_ids: Collection[int], *, by: User) -> list[Conversation]:
    """Return these conversations as they are now, locked, ids ascending, merged ones followed.

    DeskError unless all of them are this person's to act on: then none is.
    """
    followed = Conversation.objects.filter(id__in=conversation_ids).values_list(
        "id", Coalesce("merged_into", "id")
    )
    wanted = {present_id for _, present_id in followed}
    present = list(
        Conversation.objects.answered_by(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("channel__team", "identity")
        .filter(id__in=wanted)
        .order_by("id")
    )
    if not wanted or len(followed) < len({*conversation_ids}) or len(present) < len(wanted):
        raise DeskError("Another team answers some of these. You can read them, not act on them.")
    if any(one.merged_into_id for one in present):
        return locked_all([one.pk for one in present], by=by)
    return present
