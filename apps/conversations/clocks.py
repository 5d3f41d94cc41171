"""Clocks in the database: the cache of `apps.sla.episodes`, brought up to date in sets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.common import sets
from apps.conversations.models import Clock, Message
from apps.sla.episodes import Episode, Kind, Moment, Step, episodes, id_order

RESOLVED, RESOLVE_UNDONE, DISMISSED = "resolved", "resolve_undone", "dismissed"
SILENT_SURFACES = ("found", "follow")

ClockKey = tuple[int, str, int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands: whether somebody waits, and what came in too late to be seen."""

    waiting_since: datetime | None
    contact: int
    buried: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, and which line of the ledger says so."""

    event_id: int
    moment: Moment


def rerun(
    conversation_ids: Collection[int], *, new_message_ids: Collection[int] = ()
) -> dict[int, Standing]:
    """Derive the clocks of these conversations anew and store what changed.

    The caller has locked the conversations. `new_message_ids` are the messages stored just now;
    a customer's message among them that was answered before it arrived is `buried`.
    """
    if not conversation_ids:
        return {}
    timelines = _timelines(sorted(conversation_ids))
    waits = {i: episodes(timelines[i]) for i in conversation_ids}
    _store(waits)
    standings = {
        i: _standing(waits[i], timelines[i], frozenset(new_message_ids)) for i in conversation_ids
    }
    _note_standings(standings)
    return standings


def timeline(conversation_id: int) -> list[Moment]:
    """Return what `episodes` reads for one conversation."""
    return _timelines([conversation_id])[conversation_id]


def closing_resolves(conversation_id: int) -> list[int]:
    """Return the ledger's lines that keep the current contact closed.

    They are several where conversations were joined after each had been resolved.
    """
    contact = Clock.objects.filter(conversation=conversation_id, kind=Clock.Kind.RESOLUTION)
    closed_at = contact.order_by("contact").values_list("stopped_at", flat=True).last()
    return [
        decision.event_id
        for decision in _decisions([conversation_id])[conversation_id]
        if decision.moment.step is Step.RESOLVED
        and (closed_at is None or decision.moment.at >= closed_at)
    ]


def _timelines(conversation_ids: list[int]) -> dict[int, list[Moment]]:
    timelines: dict[int, list[Moment]] = defaultdict(list)
    said = (
        Message.objects.filter(conversation__in=conversation_ids, posted_at__isnull=False)
        .exclude(direction=Message.Direction.NOTE)
        .exclude(direction=Message.Direction.INBOUND, surface__in=SILENT_SURFACES)
        .values_list("conversation_id", "posted_at", "direction", "external_id", "id", "author_id")
    )
    for conversation_id, posted_at, direction, external_id, message_id, author_id in said:
        if conversation_id is None or posted_at is None:
            continue
        step = Step.ASKED if direction == Message.Direction.INBOUND else Step.ANSWERED
        timelines[conversation_id].append(
            Moment(posted_at, step, id_order(external_id or ""), message_id, author_id)
        )
    for conversation_id, decisions in _decisions(conversation_ids).items():
        timelines[conversation_id].extend(decision.moment for decision in decisions)
    return timelines


def _decisions(conversation_ids: list[int]) -> dict[int, list[Decision]]:
    """What people decided, from the ledger; read through `merged_into`, undone ones left out.

    A decision is about all that had come in, also where the network's clock runs ahead of ours.
    """
    rows = sets.execute(
        """
        WITH decided AS (
            SELECT coalesce(conversation.merged_into_id, conversation.id) AS conversation_id,
                   event.id, event.kind, event.at, event.data
            FROM conversations_conversation conversation
            JOIN ledger_event event ON event.conversation_id = conversation.id
            WHERE (conversation.id = ANY(%b::bigint[])
                   OR conversation.merged_into_id = ANY(%b::bigint[]))
              AND event.kind = ANY(%b::text[])
        )
        SELECT conversation_id, id, kind, greatest(at, (
                   SELECT max(message.posted_at) FROM conversations_message message
                   WHERE message.conversation_id = decided.conversation_id
                     AND message.direction = 'inbound' AND message.received_at <= decided.at))
        FROM decided
        WHERE kind <> 'resolve_undone' AND NOT EXISTS (
            SELECT 1 FROM decided undone
            WHERE undone.kind = 'resolve_undone'
              AND undone.data -> 'resolves' @> to_jsonb(decided.id))
        ORDER BY id
        """,
        conversation_ids,
        conversation_ids,
        [RESOLVED, RESOLVE_UNDONE, DISMISSED],
    )
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for conversation_id, event_id, kind, at in rows:
        step = Step.RESOLVED if kind == RESOLVED else Step.DISMISSED
        decisions[conversation_id].append(Decision(event_id, Moment(at, step)))
    return decisions


def _store(waits: Mapping[int, list[Episode]]) -> None:
    stored = {_key(clock): clock for clock in Clock.objects.filter(conversation__in=waits)}
    wanted = {
        (conversation_id, str(episode.kind), episode.contact, episode.position): episode
        for conversation_id, found in waits.items()
        for episode in found
    }
    gone = [clock.pk for key, clock in stored.items() if key not in wanted]
    if gone:
        Clock.objects.filter(id__in=gone).delete()
    changed = {
        key: episode
        for key, episode in wanted.items()
        if key not in stored or _differs(stored[key], episode)
    }
    if changed:
        _upsert(sorted(changed.items(), key=lambda item: item[1].started_at))


def _key(clock: Clock) -> ClockKey:
    return (clock.conversation_id, clock.kind, clock.contact, clock.position)


def _differs(clock: Clock, episode: Episode) -> bool:
    return (
        clock.started_at,
        clock.stopped_at,
        clock.stop,
        clock.reply_id,
        clock.credited_to_id,
        clock.due_at,
    ) != (
        episode.started_at,
        episode.stopped_at,
        episode.stop,
        episode.reply_id,
        episode.credited_to_id,
        episode.due_at,
    )


def _upsert(changed: Iterable[tuple[ClockKey, Episode]]) -> None:
    """Earlier waits first: the one that stops makes room for the one that starts."""
    rows = [
        (
            *key,
            episode.started_at,
            episode.stopped_at,
            None if episode.stop is None else str(episode.stop),
            episode.reply_id,
            episode.credited_to_id,
            episode.due_at,
        )
        for key, episode in changed
    ]
    sets.execute(
        """
        INSERT INTO conversations_clock
            (conversation_id, kind, contact, position, started_at, stopped_at, stop,
             reply_id, credited_to_id, due_at, channel_id)
        SELECT clock.conversation_id, clock.kind, clock.contact, clock.position, clock.started_at,
               clock.stopped_at, clock.stop, clock.reply_id, clock.credited_to_id, clock.due_at,
               conversation.channel_id
        FROM unnest(%b::bigint[], %b::text[], %b::int[], %b::int[], %b::timestamptz[],
                    %b::timestamptz[], %b::text[], %b::bigint[], %b::bigint[], %b::timestamptz[])
            WITH ORDINALITY
            AS clock(conversation_id, kind, contact, position, started_at, stopped_at, stop,
                     reply_id, credited_to_id, due_at, place)
        JOIN conversations_conversation conversation ON conversation.id = clock.conversation_id
        ORDER BY clock.place
        ON CONFLICT (conversation_id, kind, contact, position) DO UPDATE
        SET started_at = excluded.started_at, stopped_at = excluded.stopped_at,
            stop = excluded.stop, reply_id = excluded.reply_id,
            credited_to_id = excluded.credited_to_id, due_at = excluded.due_at
        """,
        *[list(column) for column in zip(*rows, strict=True)],
    )


def _standing(
    found: list[Episode], moments: list[Moment], new_message_ids: frozenset[int]
) -> Standing:
    running = next(
        (e for e in found if e.stopped_at is None and e.kind is not Kind.RESOLUTION), None
    )
    waiting_since = running.started_at if running else None
    closings = [
        m.at for m in moments if m.step is not Step.ASKED and m.message_id not in new_message_ids
    ]
    buried = any(
        moment.step is Step.ASKED
        and moment.message_id in new_message_ids
        and (waiting_since is None or moment.at < waiting_since)
        and any(closing >= moment.at for closing in closings)
        for moment in moments
    )
    return Standing(waiting_since, max((e.contact for e in found), default=1), buried)


def _note_standings(standings: Mapping[int, Standing]) -> None:
    """Messages that open no episode are messages all the same; what nobody sent yet is none."""
    sets.execute(
        """
        UPDATE conversations_conversation conversation
        SET waiting_since = standing.waiting_since, contact = standing.contact,
            last_message_at = newest.posted_at
        FROM unnest(%b::bigint[], %b::timestamptz[], %b::int[])
                AS standing(id, waiting_since, contact)
            CROSS JOIN LATERAL (
                SELECT max(message.posted_at) AS posted_at FROM conversations_message message
                WHERE message.conversation_id = standing.id AND message.direction <> 'note'
            ) newest
        WHERE conversation.id = standing.id
        """,
        list(standings),
        [standing.waiting_since for standing in standings.values()],
        [standing.contact for standing in standings.values()],
    )
