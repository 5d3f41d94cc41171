"""First step: what does the desk already have of this?"""

from collections.abc import Collection, Sequence

from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.conversations.operations.receiving.copies import joined


def look_up(keys: Collection[Key]) -> dict[Key, Stored]:
    """Find stored messages by channel and the network's id."""
    if not keys:
        return {}
    rows = sets.execute(
        """
        SELECT message.channel_id, message.external_id, message.id, message.thread_id,
               message.conversation_id
        FROM unnest(%b::bigint[], %b::text[]) AS wanted(channel_id, external_id)
        JOIN conversations_message message USING (channel_id, external_id)
        """,
        [channel_id for channel_id, _ in keys],
        [external_id for _, external_id in keys],
    )
    return {(row[0], row[1]): Stored(*row[2:]) for row in rows}


def one_of_each(batch: Sequence[Arrival]) -> list[Arrival]:
    """Make one arrival of all copies of a message (`copies.py`)."""
    best: dict[Key, Arrival] = {}
    for arrival in batch:
        rival = best.get(arrival.key)
        best[arrival.key] = arrival if rival is None else joined(rival, arrival.message)
    return list(best.values())
