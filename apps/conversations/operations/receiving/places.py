"""Which conversation it belongs to: its author's, or for our own posts the nearest customer's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.common import sets
from apps.conversations.models import Message
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.conversations.operations.receiving.known import look_up


@dataclass(frozen=True, slots=True)
class Context:
    """A stored post of ours whose customer was not known yet."""

    message_id: int
    key: Key
    parent: Key | None


def open_conversations(batch: Sequence[Arrival]) -> set[int]:
    """Find or open each inbound message's conversation; return those opened now.

    Every conversation of the batch is locked, ids ascending.
    """
    wanted: dict[tuple[int, int, int], Arrival] = {}
    for arrival in batch:
        if arrival.identity_id is not None:
            place = (arrival.channel.pk, arrival.thread_id, arrival.identity_id)
            wanted.setdefault(place, arrival)
    if not wanted:
        return set()
    places = sorted(wanted)
    columns = [list(column) for column in zip(*places, strict=True)]
    posted = [wanted[place].message.posted_at for place in places]
    opened = {
        row[0]
        for row in sets.execute(
            """
            INSERT INTO conversations_conversation
                (channel_id, thread_id, identity_id, last_message_at, state, contact,
                 assigned_by_person, assigned_because)
            SELECT channel_id, thread_id, identity_id, posted_at, 'open', 1, false, ''
            FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[])
                AS place(channel_id, thread_id, identity_id, posted_at)
            ON CONFLICT (channel_id, thread_id, identity_id) WHERE merged_into_id IS NULL
            DO NOTHING RETURNING id
            """,
            *columns,
            posted,
        )
    }
    rows = sets.execute(
        """
        SELECT channel_id, thread_id, identity_id, id
        FROM conversations_conversation
        JOIN unnest(%b::bigint[], %b::bigint[], %b::bigint[])
            AS place(channel_id, thread_id, identity_id) USING (channel_id, thread_id, identity_id)
        WHERE merged_into_id IS NULL
        ORDER BY id FOR NO KEY UPDATE OF conversations_conversation
        """,
        *columns,
    )
    ids = {
        (channel_id, thread_id, identity_id): i for channel_id, thread_id, identity_id, i in rows
    }
    for arrival in batch:
        if arrival.identity_id is not None:
            arrival.conversation_id = ids[
                arrival.channel.pk, arrival.thread_id, arrival.identity_id
            ]
    return opened


def place_our_posts(
    batch: Sequence[Arrival], *, thread_ids: set[int], parents: Mapping[Key, Stored]
) -> dict[int, int]:
    """Put our own posts with their nearest customer ancestor; return context that moves now.

    Context is looked for in these threads; the returned mapping goes from message to conversation.
    """
    arrivals = {arrival.key: arrival for arrival in batch}
    waiting = _context_in(thread_ids)
    contexts = {context.key: context for context in waiting}
    stored = dict(parents)
    stored |= look_up({c.parent for c in waiting if c.parent and c.parent not in stored})
    walk = _Walk(arrivals, contexts, stored)
    for arrival in batch:
        if arrival.message.ours:
            arrival.conversation_id = walk.up_from(arrival.parent_key)
    moved = {context.message_id: walk.up_from(context.parent) for context in waiting}
    return {message_id: place for message_id, place in moved.items() if place is not None}


@dataclass(frozen=True, slots=True)
class _Walk:
    """Follows parents upwards through our own posts; a cycle ends it like a missing parent."""

    arrivals: Mapping[Key, Arrival]
    contexts: Mapping[Key, Context]
    stored: Mapping[Key, Stored]

    def up_from(self, key: Key | None) -> int | None:
        seen: set[Key] = set()
        while key is not None and key not in seen:
            seen.add(key)
            if arrival := self.arrivals.get(key):
                if not arrival.message.ours:
                    return arrival.conversation_id
                key = arrival.parent_key
            elif context := self.contexts.get(key):
                key = context.parent
            elif (message := self.stored.get(key)) and message.conversation_id is not None:
                return message.conversation_id
            else:
                return None
        return None


def _context_in(thread_ids: set[int]) -> list[Context]:
    rows = Message.objects.filter(
        thread__in=thread_ids, conversation__isnull=True, external_id__isnull=False
    ).values_list("id", "channel_id", "external_id", "parent_id_there")
    return [
        Context(
            message_id=message_id,
            key=(channel_id, external_id or ""),
            parent=None if parent is None else (channel_id, parent),
        )
        for message_id, channel_id, external_id, parent in rows
    ]
