"""Taking the words of messages for search, from their rows."""

from django.db import transaction

from apps.common import sets

TAKEN_AT_ONCE = 2_000


@transaction.atomic
def hold_words(*, limit: int = TAKEN_AT_ONCE) -> int:
    """Hold the words of messages that were noted as new or changed; return how many were noted.

    The newest come first, so that after a long history was brought in what happens now is found.
    """
    rows = sets.execute(
        """
        WITH taken AS (
            DELETE FROM conversations_unsearched WHERE id = ANY(ARRAY(
                SELECT id FROM conversations_unsearched ORDER BY id DESC
                LIMIT %b::bigint FOR UPDATE SKIP LOCKED
            )) RETURNING message_id
        ), held AS (
            INSERT INTO conversations_searchentry (message_id, channel_id, direction, words)
            SELECT message.id, message.channel_id, message.direction,
                   desk_entry_words(message.id, message.text, identity.name, identity.handle)
            FROM conversations_message message
            LEFT JOIN customers_identity identity ON identity.id = message.identity_id
            WHERE message.id = ANY(ARRAY(SELECT DISTINCT message_id FROM taken))
            ON CONFLICT (message_id) DO UPDATE
            SET words = excluded.words, channel_id = excluded.channel_id
        )
        SELECT count(*) FROM taken
        """,
        limit,
    )
    return int(rows[0][0])
