"""What was deleted on its network stays here, marked; a wait is not erased by it."""

from collections.abc import Sequence
from datetime import datetime

from apps.common import sets
from apps.conversations.operations.receiving.batch import Departure
from apps.ledger.recording import Entry, record


def note_removals(gone: Sequence[Departure], *, at: datetime) -> None:
    """Mark the messages, and keep the news for those that have not come yet.

    Told twice, the earliest instant counts.
    """
    if not gone:
        return
    rows = sets.execute(
        """
        WITH told AS (
            SELECT channel_id, external_id, min(deleted_at) AS deleted_at
            FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[])
                AS told(channel_id, external_id, deleted_at)
            GROUP BY channel_id, external_id
        ), kept AS (
            INSERT INTO conversations_removal AS removal (channel_id, external_id, deleted_at)
            SELECT channel_id, external_id, deleted_at FROM told
            ON CONFLICT (channel_id, external_id) DO UPDATE
            SET deleted_at = least(removal.deleted_at, excluded.deleted_at)
        )
        UPDATE conversations_message message
        SET deleted_at = least(message.deleted_at, told.deleted_at)
        FROM told
        WHERE message.channel_id = told.channel_id AND message.external_id = told.external_id
        RETURNING message.channel_id, message.conversation_id, message.id, old.deleted_at IS NULL
        """,
        [departure.channel.pk for departure in gone],
        [departure.removal.external_id for departure in gone],
        [departure.removal.deleted_at for departure in gone],
    )
    channels = {departure.channel.pk: departure.channel for departure in gone}
    record(
        [
            Entry(
                kind="deleted_there",
                conversation_id=conversation_id,
                message_id=message_id,
                channel_id=channel_id,
                team_id=channels[channel_id].team_id,
                quiet=channels[channel_id].connector.receives_only,
            )
            for channel_id, conversation_id, message_id, is_news in rows
            if is_news
        ],
        at=at,
    )
