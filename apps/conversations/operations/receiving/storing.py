"""Writing the batch down."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival


def ask_for_numbers(many: int) -> sets.Sent:
    """Ask for the ids of as many messages."""
    return sets.send(
        """
        SELECT nextval('conversations_message_id_seq') FROM generate_series(1, %b::int)
        """,
        many,
    )


def store_messages(batch: Sequence[Arrival], numbers: sets.Sent, *, at: datetime) -> None:
    """Insert every message of the batch, in the order they were posted, by these numbers."""
    ordered = sorted(batch, key=lambda arrival: arrival.message.posted_at)
    messages = [arrival.message for arrival in ordered]
    for arrival, (number,) in zip(ordered, numbers.rows(), strict=True):
        arrival.message_id = number
    sets.send(
        """
        INSERT INTO conversations_message
            (id, channel_id, thread_id, conversation_id, identity_id, author_id, direction, state,
             surface, external_id, parent_id_there, text, url, language, posted_at, edited_at,
             deleted_at, received_at, origin, attempts, error)
        SELECT id, channel_id, thread_id, conversation_id, identity_id, author_id,
               CASE WHEN ours THEN 'outbound' ELSE 'inbound' END,
               CASE WHEN ours THEN 'sent' END,
               surface, external_id, parent_id, text, url, language, posted_at, edited_at,
               (SELECT removal.deleted_at FROM conversations_removal removal
                WHERE removal.channel_id = arrival.channel_id
                  AND removal.external_id = arrival.external_id),
               %b::timestamptz, 'network', 0, ''
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                    %b::bigint[], %b::boolean[], %b::text[], %b::text[], %b::text[], %b::text[],
                    %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[])
            AS arrival(id, channel_id, thread_id, conversation_id, identity_id, author_id,
                       ours, surface, external_id, parent_id, text, url, language, posted_at,
                       edited_at)
        """,
        at,
        [arrival.message_id for arrival in ordered],
        [arrival.channel.pk for arrival in ordered],
        [arrival.thread_id for arrival in ordered],
        [arrival.conversation_id for arrival in ordered],
        [arrival.identity_id for arrival in ordered],
        [arrival.credited_to_id for arrival in ordered],
        [message.ours for message in messages],
        [str(message.surface) for message in messages],
        [message.external_id for message in messages],
        [message.parent_id for message in messages],
        [message.text for message in messages],
        [message.url for message in messages],
        [message.language for message in messages],
        [message.posted_at for message in messages],
        [message.edited_at for message in messages],
    )


def move_context(places: Mapping[int, int]) -> None:
    """Put stored posts of ours into the conversations they turned out to belong to."""
    if places:
        sets.send(
            """
            UPDATE conversations_message message SET conversation_id = moved.conversation_id
            FROM unnest(%b::bigint[], %b::bigint[]) AS moved(id, conversation_id)
            WHERE message.id = moved.id
            """,
            list(places),
            list(places.values()),
        )
