"""What was said and decided in a conversation, as `apps.sla.episodes` reads it."""

from collections import defaultdict
from dataclasses import dataclass

from apps.common import sets
from apps.conversations.models import Clock, Message
from apps.conversations.models.message import SILENT_SURFACES
from apps.sla.episodes import Moment, Step, id_order

RESOLVED, RESOLVE_UNDONE, DISMISSED = "resolved", "resolve_undone", "dismissed"
PAUSED, UNPAUSED = "paused", "unpaused"
DECISIONS = [RESOLVED, RESOLVE_UNDONE, DISMISSED, PAUSED, UNPAUSED]
STEPS = {
    RESOLVED: Step.RESOLVED,
    DISMISSED: Step.DISMISSED,
    PAUSED: Step.PAUSED,
    UNPAUSED: Step.UNPAUSED,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, and which line of the ledger says so."""

    event_id: int
    moment: Moment


def timeline(conversation_id: int) -> list[Moment]:
    """Return what `episodes` reads for one conversation."""
    return timelines([conversation_id])[conversation_id]


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


def timelines(conversation_ids: list[int]) -> dict[int, list[Moment]]:
    """Return what `episodes` reads for each of these conversations."""
    read: dict[int, list[Moment]] = defaultdict(list)
    said = (
        Message.objects.filter(conversation__in=conversation_ids, posted_at__isnull=False)
        .exclude(direction=Message.Direction.NOTE)
        .exclude(direction=Message.Direction.INBOUND, surface__in=SILENT_SURFACES)
        .values_list(
            "conversation_id",
            "posted_at",
            "direction",
            "external_id",
            "id",
            "author_id",
            "surface",
            "received_at",
            "language",
        )
    )
    for talk_id, at, direction, external_id, row_id, author, surface, heard, language in said:
        if talk_id is None or at is None:
            continue
        step = Step.ASKED if direction == Message.Direction.INBOUND else Step.ANSWERED
        order = id_order(external_id or "")
        moment = Moment(at, step, order, row_id, author, surface, heard, language=language)
        read[talk_id].append(moment)
    for conversation_id, decisions in _decisions(conversation_ids).items():
        read[conversation_id].extend(decision.moment for decision in decisions)
    return read


def _decisions(conversation_ids: list[int]) -> dict[int, list[Decision]]:
    """What people decided, from the ledger; read through `merged_into`, undone ones left out.

    A decision is about all that had come in, also where the network's clock runs ahead of ours.
    """
    rows = sets.execute(
        """
        WITH part AS (
            SELECT id, id AS conversation_id FROM unnest(%b::bigint[]) AS wanted(id)
            UNION ALL
            SELECT merged.id, merged.merged_into_id
            FROM unnest(%b::bigint[]) AS wanted(id)
            JOIN conversations_conversation merged ON merged.merged_into_id = wanted.id
        ), decided AS MATERIALIZED (
            SELECT part.conversation_id, event.id, event.kind, event.at, event.data
            FROM part JOIN ledger_event event ON event.conversation_id = part.id
            WHERE event.kind = ANY(%b::text[])
        )
        SELECT conversation_id, id, kind, greatest(at, (
                   SELECT max(message.posted_at) FROM conversations_message message
                   WHERE message.conversation_id = decided.conversation_id
                     AND message.direction = 'inbound' AND message.received_at <= decided.at)),
               coalesce(data ->> 'for', '')
        FROM decided
        WHERE kind <> 'resolve_undone' AND NOT EXISTS (
            SELECT 1 FROM decided undone
            WHERE undone.kind = 'resolve_undone'
              AND undone.data -> 'resolves' @> to_jsonb(decided.id))
        ORDER BY id
        """,
        conversation_ids,
        conversation_ids,
        DECISIONS,
    )
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for conversation_id, event_id, kind, at, paused_for in rows:
        moment = Moment(at, STEPS[kind], order=(2, event_id, ""), paused_for=paused_for)
        decisions[conversation_id].append(Decision(event_id, moment))
    return decisions
