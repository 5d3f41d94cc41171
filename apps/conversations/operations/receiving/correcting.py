"""Copies that tell more than the stored row: it is made what it would be, had all come at once.

A text of the desk's own is never touched: its Act says what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from apps.channels.connector import InboundMessage, Surface
from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.conversations.operations.receiving.copies import SILENT, joined
from apps.ledger.recording import Entry, record


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """A stored message about which a copy tells more; `arrival` is what both tell together."""

    before: InboundMessage
    arrival: Arrival

    @property
    def is_change(self) -> bool:
        """Whether its own row changes; else the copy only links its tree to another."""
        return self.arrival.message != self.before

    @property
    def speaks_up(self) -> bool:
        """Whether what a search had found turns out to be addressed to us."""
        return self.before.surface in SILENT and self.arrival.message.surface not in SILENT

    @property
    def moves_our_posts(self) -> bool:
        """Whether the way upwards from a post of ours leads elsewhere now."""
        told = self.arrival.message
        return told.ours and told.parent_id != self.before.parent_id


def find(copies: Sequence[Arrival], stored: Mapping[Key, Stored]) -> list[Correction]:
    """Compare copies of stored messages with their rows; an identical one costs no more than that.

    Only its author's account of a message counts, and no copy makes a public word a private one.
    """
    if not copies:
        return []
    linking = [_links_elsewhere(copy, stored) for copy in copies]
    rows = sets.execute(
        """
        SELECT told.place, message.id, message.thread_id, message.identity_id, message.posted_at,
               message.parent_id_there, message.text, message.edited_at, message.surface,
               message.url, message.language
        FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::boolean[], %b::timestamptz[],
                    %b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::text[], %b::text[],
                    %b::boolean[]) WITH ORDINALITY
            AS told(channel_id, external_id, author_id, ours, posted_at, parent_id, text,
                    edited_at, surface, url, language, is_linking, place)
        JOIN conversations_message message USING (channel_id, external_id)
        LEFT JOIN customers_identity identity ON identity.id = message.identity_id
        WHERE message.origin = 'network'
          AND told.ours = (message.direction = 'outbound')
          AND (told.ours OR told.author_id = identity.external_id)
          AND (told.surface = 'direct') = (message.surface = 'direct')
          AND (told.is_linking
               OR (told.posted_at, told.parent_id, told.text, told.edited_at, told.surface,
                   told.url, told.language)
               IS DISTINCT FROM
                  (message.posted_at, message.parent_id_there, message.text, message.edited_at,
                   message.surface::text, message.url, message.language::text))
        ORDER BY message.id
        """,
        [copy.channel.pk for copy in copies],
        [copy.message.external_id for copy in copies],
        [copy.message.author_id for copy in copies],
        [copy.message.ours for copy in copies],
        [copy.message.posted_at for copy in copies],
        [copy.message.parent_id for copy in copies],
        [copy.message.text for copy in copies],
        [copy.message.edited_at for copy in copies],
        [str(copy.message.surface) for copy in copies],
        [copy.message.url for copy in copies],
        [copy.message.language for copy in copies],
        linking,
    )
    return [_correction(copies[row[0] - 1], *row[1:]) for row in rows]


def store(corrections: Sequence[Correction]) -> None:
    """Write the better account over the rows; where they belong is settled by others."""
    changed = [correction.arrival for correction in corrections if correction.is_change]
    if not changed:
        return
    messages = [arrival.message for arrival in changed]
    sets.execute(
        """
        UPDATE conversations_message message
        SET posted_at = told.posted_at, parent_id_there = told.parent_id, text = told.text,
            edited_at = told.edited_at, surface = told.surface, url = told.url,
            language = told.language, author_id = told.credited_to_id
        FROM unnest(%b::bigint[], %b::timestamptz[], %b::text[], %b::text[], %b::timestamptz[],
                    %b::text[], %b::text[], %b::text[], %b::bigint[])
            AS told(id, posted_at, parent_id, text, edited_at, surface, url, language,
                    credited_to_id)
        WHERE message.id = told.id
        """,
        [arrival.message_id for arrival in changed],
        [message.posted_at for message in messages],
        [message.parent_id for message in messages],
        [message.text for message in messages],
        [message.edited_at for message in messages],
        [str(message.surface) for message in messages],
        [message.url for message in messages],
        [message.language for message in messages],
        [arrival.credited_to_id for arrival in changed],
    )


def take_our_posts_out(corrections: Sequence[Correction]) -> dict[int, int]:
    """Where a post of ours answers another than thought, take those of its tree out to be placed.

    Returns where each was. Replies sent from here stay: a person put them where they are.
    """
    thread_ids = {c.arrival.thread_id for c in corrections if c.moves_our_posts}
    if not thread_ids:
        return {}
    rows = sets.execute(
        """
        WITH held AS MATERIALIZED (
            SELECT id FROM conversations_conversation WHERE thread_id = ANY(%b::bigint[])
            ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE conversations_message message SET conversation_id = NULL
        FROM held
        WHERE message.conversation_id = held.id AND message.origin = 'network'
          AND message.direction = 'outbound'
        RETURNING message.id, held.id
        """,
        list(thread_ids),
    )
    return dict(rows)


def follow_places(
    corrected: Sequence[Arrival], stored: Mapping[Key, Stored], moved: Mapping[int, int]
) -> None:
    """Note in which conversation each post of ours is now, moved or not."""
    for arrival in corrected:
        if arrival.message.ours:
            here = stored[arrival.key].conversation_id
            arrival.conversation_id = moved.get(arrival.message_id, here)


def record_corrections(corrections: Sequence[Correction], *, at: datetime) -> None:
    """Write one ledger line for each changed message, so that open pages show it anew."""
    record(
        [_entry(correction) for correction in corrections if correction.is_change],
        at=at,
    )


def _entry(correction: Correction) -> Entry:
    arrival = correction.arrival
    is_edit = arrival.message.edited_at != correction.before.edited_at
    return Entry(
        kind="edited" if is_edit else "corrected",
        conversation_id=arrival.conversation_id,
        message_id=arrival.message_id,
        channel_id=arrival.channel.pk,
        team_id=arrival.channel.team_id,
        quiet=arrival.channel.connector.receives_only,
    )


def _links_elsewhere(copy: Arrival, stored: Mapping[Key, Stored]) -> bool:
    """Whether it names, beside its parent, an id that may be of another tree so far."""
    here = stored[copy.key].thread_id
    return any(
        relative not in stored or stored[relative].thread_id != here
        for relative in copy.relatives
        if relative != copy.parent_key
    )


def _correction(
    copy: Arrival,
    message_id: int,
    thread_id: int,
    identity_id: int | None,
    posted_at: datetime,
    parent_id: str | None,
    text: str,
    edited_at: datetime | None,
    surface: str,
    url: str,
    language: str,
) -> Correction:
    before = replace(
        copy.message,
        tree_id=None,
        posted_at=posted_at,
        parent_id=parent_id,
        text=text,
        edited_at=edited_at,
        surface=Surface(surface),
        url=url,
        language=language,
    )
    arrival = joined(replace(copy, message=before), copy.message)
    arrival.message_id, arrival.thread_id, arrival.identity_id = message_id, thread_id, identity_id
    return Correction(before, arrival)
