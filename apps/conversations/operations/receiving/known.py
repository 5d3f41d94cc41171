"""First step: what does the desk already have of this?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.conversations.operations.receiving.copies import joined


@dataclass(frozen=True, slots=True)
class Known:
    """The stored messages, and the threads that wait for others of these ids as placeholders or
    hold somebody's direct messages under this id; the first id of all those threads.
    """

    messages: dict[Key, Stored]
    threads: dict[Key, int]
    firsts: dict[int, str]

    def with_more(self, keys: Collection[Key]) -> "Known":
        """Return this, and what is known of other ids."""
        more = look_up([key for key in keys if key not in self.messages])
        return Known(
            self.messages | more.messages,
            self.threads | more.threads,
            self.firsts | more.firsts,
        )


def look_up(keys: Collection[Key]) -> Known:
    """Find messages and threads by channel and the network's id."""
    if not keys:
        return Known({}, {}, {})
    rows = sets.execute(
        """
        WITH wanted AS (
            SELECT * FROM unnest(%b::bigint[], %b::text[]) AS wanted(channel_id, external_id)
        )
        SELECT wanted.channel_id, external_id, thread.id, thread_key, message.id,
               message.conversation_id
        FROM wanted JOIN conversations_message message USING (channel_id, external_id)
        JOIN conversations_thread thread ON thread.id = message.thread_id
        UNION ALL
        SELECT wanted.channel_id, external_id, thread.id, thread_key, NULL, NULL
        FROM wanted JOIN conversations_placeholder USING (channel_id, external_id)
        JOIN conversations_thread thread ON thread.id = thread_id
        UNION ALL
        SELECT wanted.channel_id, external_id, thread.id, thread_key, NULL, NULL
        FROM wanted JOIN conversations_thread thread
          ON thread.channel_id = wanted.channel_id AND thread.thread_key = wanted.external_id
        WHERE external_id LIKE 'direct:%'
        """,
        [channel_id for channel_id, _ in keys],
        [external_id for _, external_id in keys],
    )
    known = Known({}, {}, {})
    for channel_id, external_id, thread_id, first, message_id, conversation_id in rows:
        known.firsts[thread_id] = first
        if message_id is None:
            known.threads[channel_id, external_id] = thread_id
        else:
            stored = Stored(message_id, thread_id, conversation_id)
            known.messages[channel_id, external_id] = stored
    return known


def one_of_each(batch: Sequence[Arrival]) -> list[Arrival]:
    """Make one arrival of all copies of a message (`copies.py`)."""
    best: dict[Key, Arrival] = {}
    for arrival in batch:
        rival = best.get(arrival.key)
        best[arrival.key] = arrival if rival is None else joined(rival, arrival.message)
    return list(best.values())
