"""Which conversation it belongs to: its author's, or for our own posts the nearest customer's.

A new conversation has its number from the beginning and is written last, as it stands then.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.conversations.operations.receiving.known import look_up


@dataclass(frozen=True, slots=True)
class Context:
    """A stored post of ours whose customer was not known yet."""

    message_id: int
    key: Key
    parent: Key | None


Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The conversations of a batch: those to open, and of the old ones those to see to."""

    new: dict[int, Sequence[Arrival]]
    asleep: set[int]
    in_hand: set[int]


def find_conversations(batch: Sequence[Arrival], *, new_threads: Mapping[int, int]) -> Found:
    """Find each inbound message's conversation, or number a new one for it.

    Every old conversation of the batch is locked, ids ascending; in a new thread is none, and the
    first there has its number already.
    """
    inbound: dict[Place, list[Arrival]] = defaultdict(list)
    for arrival in batch:
        if arrival.identity_id is not None:
            inbound[arrival.channel.pk, arrival.thread_id, arrival.identity_id].append(arrival)
    old = _locked([place for place in inbound if place[1] not in new_threads])
    ids = {place: row.id for place, row in old.items()}
    missing = [place for place in inbound if place not in old]
    ids |= _numbered(missing, new_threads)
    for place, said in inbound.items():
        for arrival in said:
            arrival.conversation_id = ids[place]
    return Found(
        new={ids[place]: inbound[place] for place in missing},
        asleep={row.id for row in old.values() if row.state != "open"},
        in_hand={row.id for row in old.values() if row.state == "open" and row.is_assigned},
    )


@dataclass(frozen=True, slots=True)
class _Old:
    id: int
    state: str
    is_assigned: bool


def _locked(places: Sequence[Place]) -> dict[Place, _Old]:
    if not places:
        return {}
    rows = sets.execute(
        """
        SELECT channel_id, thread_id, identity_id, id, state, assignee_id IS NOT NULL
        FROM conversations_conversation
        JOIN unnest(%b::bigint[], %b::bigint[], %b::bigint[])
            AS place(channel_id, thread_id, identity_id) USING (channel_id, thread_id, identity_id)
        WHERE merged_into_id IS NULL
        ORDER BY id FOR NO KEY UPDATE OF conversations_conversation
        """,
        *[list(column) for column in zip(*places, strict=True)],
    )
    return {(row[0], row[1], row[2]): _Old(*row[3:]) for row in rows}


def _numbered(places: Sequence[Place], new_threads: Mapping[int, int]) -> dict[Place, int]:
    firsts = {place[1]: place for place in reversed(places) if place[1] in new_threads}
    numbers = {place: new_threads[thread_id] for thread_id, place in firsts.items()}
    others = [place for place in places if place not in numbers]
    if others:
        rows = sets.execute(
            """
            SELECT nextval('conversations_conversation_id_seq') FROM generate_series(1, %b::int)
            """,
            len(others),
        )
        numbers |= {place: number for place, (number,) in zip(others, rows, strict=True)}
    return numbers


def place_our_posts(
    batch: Sequence[Arrival], *, thread_ids: Set[int], parents: Mapping[Key, Stored]
) -> dict[int, int]:
    """Put our own posts with their nearest customer ancestor; return context that moves now.

    Context is looked for in these threads; the returned mapping goes from message to conversation.
    """
    arrivals = {arrival.key: arrival for arrival in batch}
    waiting = _context_in(thread_ids)
    contexts = {context.key: context for context in waiting}
    stored = dict(parents)
    stored |= look_up({c.parent for c in waiting if c.parent} - stored.keys()).messages
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


def _context_in(thread_ids: Set[int]) -> list[Context]:
    if not thread_ids:
        return []
    rows = sets.execute(
        """
        SELECT id, channel_id, external_id, parent_id_there FROM conversations_message
        WHERE thread_id = ANY(%b::bigint[]) AND conversation_id IS NULL AND external_id IS NOT NULL
        """,
        list(thread_ids),
    )
    return [
        Context(
            message_id=message_id,
            key=(channel_id, external_id),
            parent=None if parent is None else (channel_id, parent),
        )
        for message_id, channel_id, external_id, parent in rows
    ]
