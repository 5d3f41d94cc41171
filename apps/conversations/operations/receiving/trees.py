"""Which thread it belongs to: reply trees grow, join and keep their first id as key."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from apps.common import sets
from apps.common.forest import Forest
from apps.conversations.operations import merging
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.sla.episodes import id_order

DIRECT = "direct:"


@dataclass(frozen=True, slots=True)
class Grown:
    """What became of the trees: new threads, and conversations that took others in.

    The clocks of the latter must be derived anew.
    """

    new: set[int]
    joined: set[int]


def find_threads(batch: Sequence[Arrival], parents: dict[Key, Stored], *, at: datetime) -> Grown:
    """Give each arrival its thread: an old one, a new one, or several old ones joined."""
    forest = Forest[Key]()
    for arrival in batch:
        node = _node(arrival)
        forest.find(node)
        for relative in arrival.relatives:
            forest.join(node, relative)
    known = {key: parents[key].thread_id for key in forest.nodes() if key in parents}
    kept = _kept_threads([key for key in forest.nodes() if key not in known])
    for key, thread_id in (known | kept).items():
        forest.join(key, (-thread_id, ""))
    threads, grown = _settle_trees(list(forest.trees()), at=at)
    for arrival in batch:
        arrival.thread_id = threads[_node(arrival)]
    _keep_placeholders(batch, parents.keys() | kept.keys())
    _drop_placeholders([arrival.key for arrival in batch if arrival.key in kept])
    return grown


def _node(arrival: Arrival) -> Key:
    if arrival.is_direct and not arrival.message.ours:
        return (arrival.channel.pk, DIRECT + arrival.message.author_id)
    return arrival.key


def _kept_threads(wanted: Sequence[Key]) -> dict[Key, int]:
    """Which of these ids a thread waits for as a placeholder, or has as its direct messages."""
    if not wanted:
        return {}
    rows = sets.execute(
        """
        WITH wanted AS (
            SELECT * FROM unnest(%b::bigint[], %b::text[]) AS wanted(channel_id, external_id)
        )
        SELECT channel_id, external_id, thread_id
        FROM wanted JOIN conversations_placeholder USING (channel_id, external_id)
        UNION ALL
        SELECT wanted.channel_id, external_id, thread.id
        FROM wanted JOIN conversations_thread thread
          ON thread.channel_id = wanted.channel_id AND thread.thread_key = wanted.external_id
        WHERE external_id LIKE 'direct:%'
        """,
        [channel_id for channel_id, _ in wanted],
        [external_id for _, external_id in wanted],
    )
    return {(channel_id, external_id): thread for channel_id, external_id, thread in rows}


def _settle_trees(trees: list[list[Key]], *, at: datetime) -> tuple[dict[Key, int], Grown]:
    """Return the thread of every id, and what became of the trees.

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
        firsts[old[0]] = first[1]
        joined |= merging.join_threads(survivor_id=old[0], other_ids=old[1:], at=at)
    merging.keep_first_ids(firsts)
    new = _new_threads(list(fresh))
    for first, thread_id in new.items():
        settled |= dict.fromkeys(fresh[first], thread_id)
    return settled, Grown(new=set(new.values()), joined=joined)


def _new_threads(firsts: list[Key]) -> dict[Key, int]:
    if not firsts:
        return {}
    rows = sets.execute(
        """
        INSERT INTO conversations_thread (channel_id, thread_key)
        SELECT * FROM unnest(%b::bigint[], %b::text[])
        RETURNING channel_id, thread_key, id
        """,
        [channel_id for channel_id, _ in firsts],
        [external_id for _, external_id in firsts],
    )
    return {(channel_id, key): thread_id for channel_id, key, thread_id in rows}


def _keep_placeholders(batch: Sequence[Arrival], known: Set[Key]) -> None:
    arrived = {arrival.key for arrival in batch}
    missing = {
        relative: arrival.thread_id
        for arrival in batch
        for relative in arrival.relatives
        if relative not in arrived and relative not in known
    }
    if missing:
        sets.execute(
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
        sets.execute(
            """
            DELETE FROM conversations_placeholder placeholder
            USING unnest(%b::bigint[], %b::text[]) AS arrived(channel_id, external_id)
            WHERE placeholder.channel_id = arrived.channel_id
              AND placeholder.external_id = arrived.external_id
            """,
            [channel_id for channel_id, _ in arrived],
            [external_id for _, external_id in arrived],
        )
