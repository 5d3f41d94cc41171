"""The marks of answered waits, read from the ledger once the answer is there.

Only of replies that were written here: of one made on the network itself nobody knows who read the
question when. What is stored are the marks as `apps.sla.legs` holds them within the wait.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from apps.common import sets
from apps.sla.legs import Marks, clamped

HELD = ["assigned", "unassigned", "returned", "reopened"]
OPENED = "opened"

Happened = tuple[datetime, str, int | None]


def measure(conversation_ids: Collection[int]) -> None:
    """Store the marks of these conversations' answered waits where they aren't known yet."""
    waits = _unmeasured(conversation_ids)
    if not waits:
        return
    events = _events({conversation_id for _, conversation_id, *_ in waits})
    marks = [
        clamped(
            marks_of(events[conversation_id], received_at=received_at, sent_at=sent_at),
            started_at=started_at,
            stopped_at=stopped_at,
        )
        for _, conversation_id, started_at, stopped_at, received_at, sent_at in waits
    ]
    received, assigned, read, sent = (list(column) for column in zip(*marks, strict=True))
    sets.execute(
        """
        UPDATE conversations_clock clock
        SET received_at = marks.received_at, assigned_at = marks.assigned_at,
            read_at = marks.read_at, sent_at = marks.sent_at
        FROM unnest(%b::bigint[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[],
                    %b::timestamptz[]) AS marks(id, received_at, assigned_at, read_at, sent_at)
        WHERE clock.id = marks.id
        """,
        [wait[0] for wait in waits],
        received,
        assigned,
        read,
        sent,
    )


def marks_of(events: Sequence[Happened], *, received_at: datetime, sent_at: datetime) -> Marks:
    """Read the marks of a wait from what happened, in its order.

    Assigned already when the message came in, it was in nobody's queue.
    """
    given = [event for event in events if event[1] in HELD]
    before = [event for event in given if event[0] <= received_at]
    is_held = bool(before) and _gives(before[-1])
    later = (event[0] for event in given if event[0] > received_at and _gives(event))
    opened = (at for at, kind, _ in events if kind == OPENED and at >= received_at)
    return Marks(
        received_at=received_at,
        assigned_at=received_at if is_held else next(later, None),
        read_at=next(opened, None),
        sent_at=sent_at,
    )


def _gives(event: Happened) -> bool:
    """Whether somebody has the conversation after it."""
    _, kind, user_id = event
    return kind in {"assigned", "reopened"} and user_id is not None


def _unmeasured(
    conversation_ids: Collection[int],
) -> list[tuple[int, int, datetime, datetime, datetime, datetime]]:
    """Clock, conversation, start, stop, when the question reached us, when the reply was sent."""
    rows = sets.execute(
        """
        SELECT clock.id, clock.conversation_id, clock.started_at, clock.stopped_at,
               asked.received_at, act.at
        FROM conversations_clock clock
        JOIN conversations_message reply ON reply.id = clock.reply_id
        JOIN conversations_act act ON act.id = reply.act_id
        CROSS JOIN LATERAL (
            SELECT min(message.received_at) AS received_at FROM conversations_message message
            WHERE message.conversation_id = clock.conversation_id
              AND message.direction = 'inbound' AND message.posted_at = clock.started_at
        ) asked
        WHERE clock.conversation_id = ANY(%b::bigint[]) AND clock.stop = 'reply'
          AND clock.sent_at IS NULL
        """,
        list(conversation_ids),
    )
    return [(row[0], row[1], row[2], row[3], row[4] or row[2], row[5]) for row in rows]


def _events(conversation_ids: Collection[int]) -> dict[int, list[Happened]]:
    """Who had them and when they were opened, in the ledger's order, read through merges."""
    rows = sets.execute(
        """
        WITH part AS (
            SELECT id, id AS conversation_id FROM unnest(%b::bigint[]) AS wanted(id)
            UNION ALL
            SELECT merged.id, merged.merged_into_id
            FROM unnest(%b::bigint[]) AS wanted(id)
            JOIN conversations_conversation merged ON merged.merged_into_id = wanted.id
        )
        SELECT part.conversation_id, event.at, event.kind, event.user_id
        FROM part JOIN ledger_event event ON event.conversation_id = part.id
        WHERE event.kind = ANY(%b::text[])
        ORDER BY event.id
        """,
        list(conversation_ids),
        list(conversation_ids),
        [*HELD, OPENED],
    )
    found: dict[int, list[Happened]] = defaultdict(list)
    for conversation_id, at, kind, user_id in rows:
        found[conversation_id].append((at, kind, user_id))
    return found
