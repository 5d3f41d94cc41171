"""First step: what does the desk already have of this?"""

from collections.abc import Collection, Sequence

from apps.channels.connector import InboundMessage
from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored


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
    """Keep one copy of each message; of copies that differ, the better one (threads.md)."""
    best: dict[Key, Arrival] = {}
    for arrival in batch:
        rival = best.get(arrival.key)
        if rival is None or preference(arrival.message) < preference(rival.message):
            best[arrival.key] = arrival
    return list(best.values())


def preference(message: InboundMessage) -> tuple[object, ...]:
    """Of copies of one message, the one for which this is smallest is the better one."""
    return (message.parent_id is None, message.posted_at, message.parent_id or "", message.text)
