"""The one publishing place: `record()` for what happened, `nudge()` for what merely moves."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import LiteralString

from django.db import transaction

from apps.common import bus, sets
from apps.common.doorbell import pass_on, ring

OUTBOX_TASK = "webhooks.deliver"


WRITE: LiteralString = """
    WITH entry AS MATERIALIZED (
        SELECT nextval('ledger_event_id_seq') AS id, line.*
        FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                    %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::boolean[])
            AS line (kind, by_id, conversation_id, message_id, user_id, channel_id, customer_id,
                     team_id, data, is_quiet)
    ), written AS (
        INSERT INTO ledger_event
            (id, at, command, kind, by_id, conversation_id, message_id, user_id, channel_id,
             customer_id, team_id, data)
        SELECT id, %b::timestamptz, %b::text, kind, by_id, conversation_id, message_id, user_id,
               channel_id, customer_id, team_id, data::jsonb
        FROM entry
    ), told AS (
        INSERT INTO ledger_outbox (event_id)
        SELECT id FROM entry
        WHERE NOT is_quiet AND EXISTS (
            SELECT 1 FROM ledger_interest interest
            WHERE interest.kind = entry.kind
              AND (interest.team_id IS NULL OR interest.team_id = entry.team_id))
        RETURNING 1
    )
    SELECT 1 FROM told LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event about to be written.

    `team_id` decides whose open pages are nudged; of a `quiet` one nobody is told, neither a page
    nor a program.
    """

    kind: str
    by_id: int | None = None
    conversation_id: int | None = None
    message_id: int | None = None
    user_id: int | None = None
    channel_id: int | None = None
    customer_id: int | None = None
    team_id: int | None = None
    data: dict[str, object] = field(default_factory=dict)
    quiet: bool = False


_command: ContextVar[str | None] = ContextVar("command", default=None)


@contextmanager
def by_command(name: str) -> Iterator[None]:
    """Have the ledger name this command for whatever is done within: nobody is signed in there."""
    token = _command.set(name)
    try:
        yield
    finally:
        _command.reset(token)


def record(entries: Sequence[Entry], *, at: datetime) -> None:
    """Write the events, with an Outbox row for each that somebody outside wants to hear of, and
    after commit nudge the open pages of each team once.

    Must be called inside the transaction that makes the change.
    """
    if not entries:
        return
    written = sets.send(
        WRITE,
        [entry.kind for entry in entries],
        [entry.by_id for entry in entries],
        [entry.conversation_id for entry in entries],
        [entry.message_id for entry in entries],
        [entry.user_id for entry in entries],
        [entry.channel_id for entry in entries],
        [entry.customer_id for entry in entries],
        [entry.team_id for entry in entries],
        [json.dumps(entry.data) if entry.data else "{}" for entry in entries],
        [entry.quiet for entry in entries],
        at,
        _command.get(),
    )
    transaction.on_commit(partial(_tell, written, entries))


def nudge(*, kind: str, team_id: int | None, data: Mapping[str, object]) -> None:
    """Tell open pages of presence or typing; nothing is stored."""
    bus.publish([{"kind": kind, "team": team_id, **data}])


def nudge_people(user_ids: Collection[int]) -> None:
    """Tell the open pages of these people, and of nobody else, that they were notified."""
    bus.publish([{"kind": "notified", "team": None, "to": user_id} for user_id in user_ids])


def _tell(written: sets.Sent, entries: Sequence[Entry]) -> None:
    """Whether a program wants to hear of any of them was answered with the commit."""
    if written.rows():
        ring(OUTBOX_TASK)
    pass_on(_nudges([entry for entry in entries if not entry.quiet]))


def _nudges(entries: Sequence[Entry]) -> list[dict[str, object]]:
    conversations: dict[int | None, set[int]] = {}
    kinds: dict[int | None, set[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.team_id, set()).add(entry.kind)
        if entry.conversation_id is not None:
            conversations.setdefault(entry.team_id, set()).add(entry.conversation_id)
    return [
        {
            "kind": "changed",
            "team": team_id,
            "events": sorted(team_kinds),
            "conversations": sorted(conversations.get(team_id, ())),
        }
        for team_id, team_kinds in kinds.items()
    ]
