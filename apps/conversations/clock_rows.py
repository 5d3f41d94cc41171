"""The rows of clocks: read as episodes, and written where they differ."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.channels.registry import RECEIVING_ONLY
from apps.common import sets
from apps.conversations.models import Clock
from apps.conversations.promises import Promises
from apps.conversations.timelines import DECISIONS
from apps.sla.episodes import Episode, Kind, Moment, Promise, Stop

StoredClocks = dict[int, Episode]
NO_CLOCKS: StoredClocks = {}


def stored_before(said: Mapping[int, Sequence[Moment]], *, at: datetime) -> dict[int, StoredClocks]:
    """Read the clocks of conversations in which nothing was said or decided since.

    Left out is a paused one: what was promised before the pause is not kept; and one that took
    others in: what was decided about those would have to be looked up.
    """
    if not said:
        return {}
    rows = sets.execute(
        """
        SELECT clock.id, conversation.id, clock.kind, clock.contact, clock.position,
               clock.started_at, clock.stopped_at, clock.stop, clock.reply_id,
               clock.credited_to_id, clock.due_at, clock.warn_at, clock.policy_version_id,
               clock.calendar_version_id, clock.paused_seconds, clock.paused_at,
               clock.surface, clock.language
        FROM unnest(%b::bigint[], %b::timestamptz[]) AS news(conversation_id, first_at)
        JOIN conversations_conversation conversation ON conversation.id = news.conversation_id
        LEFT JOIN conversations_clock clock ON clock.conversation_id = conversation.id
        WHERE conversation.last_message_at < news.first_at AND conversation.paused_for IS NULL
          AND NOT EXISTS (
              SELECT 1 FROM conversations_conversation merged
              WHERE merged.merged_into_id = conversation.id)
          AND NOT EXISTS (
              SELECT 1 FROM ledger_event event
              WHERE event.conversation_id = conversation.id AND event.kind = ANY(%b::text[])
                AND event.at >= least(news.first_at, %b::timestamptz))
        """,
        list(said),
        [min(moment.at for moment in moments) for moments in said.values()],
        DECISIONS,
        at,
    )
    return _by_conversation(rows)


def stored_clocks(conversation_ids: Collection[int]) -> dict[int, StoredClocks]:
    """Read the clocks of these conversations."""
    return _by_conversation(
        sets.execute(
            """
            SELECT clock.id, wanted.id, clock.kind, clock.contact, clock.position,
                   clock.started_at, clock.stopped_at, clock.stop, clock.reply_id,
                   clock.credited_to_id, clock.due_at, clock.warn_at, clock.policy_version_id,
                   clock.calendar_version_id, clock.paused_seconds, clock.paused_at,
                   clock.surface, clock.language
            FROM unnest(%b::bigint[]) AS wanted(id)
            LEFT JOIN conversations_clock clock ON clock.conversation_id = wanted.id
            """,
            list(conversation_ids),
        )
    )


def _by_conversation(rows: Iterable[tuple[Any, ...]]) -> dict[int, StoredClocks]:
    """One without clocks comes as a row without an id."""
    stored: dict[int, StoredClocks] = {}
    for clock_id, conversation_id, kind, *times in rows:
        clocks = stored.setdefault(conversation_id, {})
        if clock_id is not None:
            clocks[clock_id] = _episode(Kind(kind), *times)
    return stored


def _episode(
    kind: Kind,
    contact: int,
    position: int,
    started_at: datetime,
    stopped_at: datetime | None,
    stop: str | None,
    reply_id: int | None,
    credited_to_id: int | None,
    due_at: datetime | None,
    warn_at: datetime | None,
    policy_version_id: int | None,
    calendar_version_id: int | None,
    paused_seconds: float,
    paused_at: datetime | None,
    surface: str,
    language: str,
) -> Episode:
    promise = (
        None
        if policy_version_id is None
        else Promise(due_at, warn_at, policy_version_id, calendar_version_id)
    )
    return Episode(
        kind,
        contact,
        position,
        started_at,
        promise,
        stopped_at=stopped_at,
        stop=None if stop is None else Stop(stop),
        reply_id=reply_id,
        credited_to_id=credited_to_id,
        paused=timedelta(seconds=paused_seconds),
        paused_at=paused_at,
        surface=surface,
        language=language,
    )


def store(
    stored: Mapping[int, StoredClocks],
    waits: Mapping[int, Sequence[Episode]],
    promises: Promises,
) -> set[int]:
    """Write what is new or differs, and delete clocks that no longer are.

    Returns the conversations of waits that a reply ended, among what was written.
    """
    gone: list[int] = []
    changed: list[tuple[int, Episode]] = []
    for conversation_id, found in waits.items():
        before = {_place(episode): episode for episode in stored[conversation_id].values()}
        wanted = {_place(episode) for episode in found}
        gone += [i for i, e in stored[conversation_id].items() if _place(e) not in wanted]
        changed += [(conversation_id, e) for e in found if before.get(_place(e)) != e]
    if gone:
        Clock.objects.filter(id__in=gone).delete()
    if changed:
        _upsert(sorted(changed, key=lambda one: one[1].started_at), promises)
    return {conversation_id for conversation_id, e in changed if e.stop is Stop.REPLY}


def _place(episode: Episode) -> tuple[Kind, int, int]:
    return (episode.kind, episode.contact, episode.position)


def _upsert(changed: Sequence[tuple[int, Episode]], promises: Promises) -> None:
    """Earlier waits first: the one that stops makes room for the one that starts."""
    rows = [
        (
            conversation_id,
            str(episode.kind),
            episode.contact,
            episode.position,
            episode.started_at,
            episode.stopped_at,
            None if episode.stop is None else str(episode.stop),
            episode.reply_id,
            episode.credited_to_id,
            episode.paused // timedelta(microseconds=1),
            episode.paused_at,
            episode.surface,
            episode.language,
            *_promise_columns(episode, promises),
            promises.channel_id(conversation_id),
        )
        for conversation_id, episode in changed
    ]
    sets.send(
        """
        INSERT INTO conversations_clock AS stored
            (conversation_id, kind, contact, position, started_at, stopped_at, stop,
             reply_id, credited_to_id, paused_seconds, paused_at, surface, language, due_at,
             warn_at, policy_version_id, calendar_version_id, desk_seconds, channel_id, tell_at)
        SELECT clock.conversation_id, clock.kind, clock.contact, clock.position, clock.started_at,
               clock.stopped_at, clock.stop, clock.reply_id, clock.credited_to_id,
               clock.paused / 1e6, clock.paused_at, clock.surface, clock.language, clock.due_at,
               clock.warn_at, clock.policy_version_id, clock.calendar_version_id,
               clock.desk_seconds, channel.id,
               CASE WHEN clock.stopped_at IS NULL AND channel.network <> ALL(%b::text[])
                   THEN least(clock.warn_at, clock.due_at) END
        FROM unnest(%b::bigint[], %b::text[], %b::int[], %b::int[], %b::timestamptz[],
                    %b::timestamptz[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[],
                    %b::timestamptz[], %b::text[], %b::text[], %b::timestamptz[],
                    %b::timestamptz[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
            WITH ORDINALITY
            AS clock(conversation_id, kind, contact, position, started_at, stopped_at, stop,
                     reply_id, credited_to_id, paused, paused_at, surface, language, due_at,
                     warn_at, policy_version_id, calendar_version_id, desk_seconds, channel_id,
                     place)
        LEFT JOIN conversations_conversation conversation
            ON conversation.id = clock.conversation_id AND clock.channel_id IS NULL
        JOIN channels_channel channel
            ON channel.id = coalesce(clock.channel_id, conversation.channel_id)
        ORDER BY clock.place
        ON CONFLICT (conversation_id, kind, contact, position) DO UPDATE
        SET started_at = excluded.started_at, stopped_at = excluded.stopped_at,
            stop = excluded.stop, reply_id = excluded.reply_id,
            credited_to_id = excluded.credited_to_id, paused_seconds = excluded.paused_seconds,
            paused_at = excluded.paused_at, surface = excluded.surface,
            language = excluded.language, due_at = excluded.due_at,
            warn_at = excluded.warn_at, policy_version_id = excluded.policy_version_id,
            calendar_version_id = excluded.calendar_version_id,
            desk_seconds = excluded.desk_seconds, received_at = NULL, assigned_at = NULL,
            read_at = NULL, sent_at = NULL,
            tell_at = CASE
                WHEN (stored.started_at, stored.stopped_at, stored.warn_at, stored.due_at)
                    IS NOT DISTINCT FROM (excluded.started_at, excluded.stopped_at,
                                          excluded.warn_at, excluded.due_at)
                THEN stored.tell_at ELSE excluded.tell_at END
        """,
        RECEIVING_ONLY,
        *[list(column) for column in zip(*rows, strict=True)],
    )


def _promise_columns(episode: Episode, promises: Promises) -> tuple[object, ...]:
    """Due and warning, by which versions, and the desk's own seconds once it has stopped."""
    due_at = warn_at = policy_version_id = calendar_version_id = desk_seconds = None
    if promise := episode.promise:
        due_at, warn_at = promise.due_at, promise.warn_at
        policy_version_id = promise.policy_version_id
        calendar_version_id = promise.calendar_version_id
    if episode.stopped_at is not None:
        desk_seconds = promises.desk_seconds(
            episode.started_at, episode.stopped_at, calendar_version_id, episode.pauses
        )
    return (due_at, warn_at, policy_version_id, calendar_version_id, desk_seconds)
