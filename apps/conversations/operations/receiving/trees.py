"""Which thread it belongs to: reply trees grow, join and keep their first id as key."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from apps.common import sets
from apps.common.forest import Forest
from apps.conversations.operations import merging
from apps.conversations.operations.receiving.batch import Arrival, Key
from apps.conversations.operations.receiving.known import Known
from apps.sla.episodes import id_order

DIRECT = "direct:"


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of the trees: new threads, each with the number of its first conversation, and
    conversations that took others in. The clocks of the latter must be derived anew.
    """

    new: dict[int, int]
    joined: set[int]


def node_of(arrival: Arrival) -> Key:
    """Return the id by which it hangs on its tree: its own, or a direct message its author's."""
    if arrival.is_direct and not arrival.message.ours:
        return (arrival.channel.pk, DIRECT + arrival.message.author_id)
    return arrival.key


def find_threads(batch: Sequence[Arrival], known: Known, *, at: datetime) -> Grown:
    """Give each arrival its thread: an old one, a new one, or several old ones joined."""
    forest = Forest[Key]()
    for arrival in batch:
        node = node_of(arrival)
        forest.find(node)
        for relative in arrival.relatives:
            forest.join(node, relative)
    for key in forest.nodes():
        if message := known.messages.get(key):
            forest.join(key, (-message.thread_id, ""))
        elif thread_id := known.threads.get(key):
            forest.join(key, (-thread_id, ""))
    threads, grown = _settle_trees(list(forest.trees()), known.firsts, at=at)
    for arrival in batch:
        arrival.thread_id = threads[node_of(arrival)]
    _keep_placeholders(batch, known.messages.keys() | known.threads.keys())
    _drop_placeholders([arrival.key for arrival in batch if arrival.key in known.threads])
    return grown


def _settle_trees(
    trees: list[list[Key]], present: Mapping[int, str], *, at: datetime
) -> tuple[dict[Key, int], Grown]:
    """Return the thread of every id, and what became of the trees; `present` are their first ids.

    A tree's nodes with a negative number are the threads it is already known to belong to.
    """
    settled: dict[Key, int] = {}
    joined: set[int] = set()
    fresh: dict[Key, list[Key]] = {}
    firsts: dict[int, str] = {}
    for tree in trees:
        old = sorted(-number for number, _ in tree if number < 0)
        ids = [key for key in tree if key[0] > 0]
        first = min(ids, key=lambda key: id_order(key[1]))
        if not old:
            fresh[first] = ids
            continue
        settled |= dict.fromkeys(ids, old[0])
        if id_order(first[1]) < min(id_order(present[number]) for number in old):
            firsts[old[0]] = first[1]
        joined |= merging.join_threads(survivor_id=old[0], other_ids=old[1:], at=at)
    merging.keep_first_ids(firsts)
    new = _new_threads(list(fresh))
    for first, (thread_id, _) in new.items():
        settled |= dict.fromkeys(fresh[first], thread_id)
    return settled, Grown(new=dict(new.values()), joined=joined)


def _new_threads(firsts: list[Key]) -> dict[Key, tuple[int, int]]:
    """Open a thread for each; return it and a number for a conversation in it."""
    if not firsts:
        return {}
    rows = sets.execute(
        """
        INSERT INTO conversations_thread (channel_id, thread_key)
        SELECT * FROM unnest(%b::bigint[], %b::text[])
        RETURNING channel_id, thread_key, id, nextval('conversations_conversation_id_seq')
        """,
        [channel_id for channel_id, _ in firsts],
        [external_id for _, external_id in firsts],
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _keep_placeholders(batch: Sequence[Arrival], known: Set[Key]) -> None:
    arrived = {arrival.key for arrival in batch}
    missing = {
        relative: arrival.thread_id
        for arrival in batch
        for relative in arrival.relatives
        if relative not in arrived and relative not in known
    }
    if missing:
        sets.send(
            """
            INSERT INTO conversations_placeholder (channel_id, external_id, thread_id)
            SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bigint[])
            """,
            [channel_id for channel_id, _ in missing],
            [external_id for _, external_id in missing],
            list(missing.values()),
        )


def _drop_placeholders(arrived: Sequence[Key]) -> None:
    if arrived:
        sets.send(
            """
            DELETE FROM conversations_placeholder placeholder
            USING unnest(%b::bigint[], %b::text[]) AS arrived(channel_id, external_id)
            WHERE placeholder.channel_id = arrived.channel_id
              AND placeholder.external_id = arrived.external_id
            """,
            [channel_id for channel_id, _ in arrived],
            [external_id for _, external_id in arrived],
        )
