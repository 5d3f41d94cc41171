"""A reply of ours is up, and what came in as its child before its id was known finds its place."""

from datetime import datetime

from django.db.models import Subquery

from apps.conversations.models import Message, Placeholder, Removal
from apps.conversations.operations import merging
from apps.conversations.operations.receiving import places, storing


def adopt(reply: Message, *, external_id: str, at: datetime) -> set[int]:
    """Let the reply take the place kept for it; return conversations to derive clocks anew for.

    The caller holds the channel's lock and has stored the reply's `external_id`.
    """
    removal = Removal.objects.filter(channel=reply.channel_id, external_id=external_id)
    Message.objects.filter(id=reply.pk).update(deleted_at=Subquery(removal.values("deleted_at")))
    kept = Placeholder.objects.filter(channel=reply.channel_id, external_id=external_id).first()
    if kept is None:
        merging.keep_first_ids({reply.thread_id: external_id})
        return set()
    survivor_id, *other_ids = sorted({kept.thread_id, reply.thread_id})
    kept.delete()
    joined = merging.join_threads(survivor_id=survivor_id, other_ids=other_ids, at=at)
    merging.keep_first_ids({survivor_id: external_id})
    moved = places.place_our_posts([], thread_ids={survivor_id}, parents={})
    storing.move_context(moved)
    return joined | set(moved.values())
