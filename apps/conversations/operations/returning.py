"""Work that goes back to the queue by itself, with its history and the reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.common import sets
from apps.conversations.operations.routing import route
from apps.ledger.recording import Entry, record


@dataclass(frozen=True, slots=True)
class Returned:
    """A conversation taken from its assignee."""

    id: int
    channel_id: int
    team_id: int
    user_id: int
    because: str


@transaction.atomic
def hand_back(*, at: datetime) -> int:
    """Give to others what waits with people who went off, whose shift ended, or who left
    the desk or the team.

    Called by the sweep, and when somebody goes off. What a person assigned to somebody after they
    had gone stays with them. Somebody who is only away keeps what they have. Returns how many.
    """
    rows = sets.execute(
        """
        WITH gone AS (
            SELECT agent.id, split_part(agent.name, ' ', 1) AS name, agent.is_active,
                   agent.role = 'admin' AS is_everywhere,
                   CASE WHEN presence.chosen = 'off' THEN presence.chosen_at END AS off_at,
                   CASE WHEN NOT shift.is_on THEN shift.ended_at END AS ended_at
            FROM agents_user agent
            LEFT JOIN agents_presence presence ON presence.user_id = agent.id
            CROSS JOIN LATERAL (
                SELECT max(ends_at) FILTER (WHERE ends_at <= %b::timestamptz) AS ended_at,
                       coalesce(bool_or(starts_at <= %b::timestamptz
                           AND (ends_at IS NULL OR ends_at > %b::timestamptz)), false) AS is_on
                FROM agents_shift WHERE user_id = agent.id
            ) shift
        )
        SELECT conversation.id, conversation.channel_id, channel.team_id, gone.id,
               CASE WHEN NOT gone.is_active THEN gone.name || ' no longer works here.'
                    WHEN NOT (gone.is_everywhere OR membership.id IS NOT NULL)
                        THEN gone.name || ' left the team.'
                    WHEN gone.off_at >= coalesce(gone.ended_at, gone.off_at)
                        THEN gone.name || ' went off.'
                    ELSE gone.name || '''s shift ended.' END
        FROM conversations_conversation conversation
        JOIN channels_channel channel ON channel.id = conversation.channel_id
        JOIN gone ON gone.id = conversation.assignee_id
        LEFT JOIN agents_membership membership
            ON membership.user_id = gone.id AND membership.team_id = channel.team_id
        WHERE conversation.state = 'open'
          AND conversation.attention_since IS NOT NULL
          AND (NOT gone.is_active
               OR NOT (gone.is_everywhere OR membership.id IS NOT NULL)
               OR conversation.assigned_at <= greatest(gone.off_at, gone.ended_at))
        ORDER BY conversation.id FOR NO KEY UPDATE OF conversation SKIP LOCKED
        """,
        at,
        at,
        at,
    )
    return _return([Returned(*row) for row in rows], at=at, passed_on=False)


@transaction.atomic
def return_unopened(*, at: datetime) -> int:
    """Give to others what the router gave and its agent did not open in time; called by the sweep.

    Whoever opens, keeps or assigns it meanwhile holds its row or has changed it: they win.
    """
    rows = sets.execute(
        """
        SELECT conversation.id, conversation.channel_id, channel.team_id,
               conversation.assignee_id,
               split_part(agent.name, ' ', 1) || ' did not open it within ' || round(extract(
                   epoch FROM conversation.returns_at - conversation.assigned_at) / 60)
               || ' min.'
        FROM conversations_conversation conversation
        JOIN channels_channel channel ON channel.id = conversation.channel_id
        JOIN agents_user agent ON agent.id = conversation.assignee_id
        WHERE conversation.returns_at <= %b::timestamptz AND conversation.state = 'open'
          AND conversation.attention_since IS NOT NULL
        ORDER BY conversation.id FOR NO KEY UPDATE OF conversation SKIP LOCKED
        """,
        at,
    )
    return _return([Returned(*row) for row in rows], at=at, passed_on=True)


def _return(returned: Sequence[Returned], *, at: datetime, passed_on: bool) -> int:
    """Take them back and route them at once; `passed_on` means to anybody but who had them."""
    if not returned:
        return 0
    sets.execute(
        """
        UPDATE conversations_conversation conversation
        SET assignee_id = NULL, assigned_at = NULL, assigned_by_person = false,
            assigned_because = '', returns_at = NULL, returned_from_id = returned.user_id
        FROM unnest(%b::bigint[], %b::bigint[]) AS returned(id, user_id)
        WHERE conversation.id = returned.id
        """,
        [one.id for one in returned],
        [one.user_id if passed_on else None for one in returned],
    )
    record(
        [
            Entry(
                kind="returned",
                conversation_id=one.id,
                user_id=one.user_id,
                channel_id=one.channel_id,
                team_id=one.team_id,
                data={"because": one.because},
            )
            for one in returned
        ],
        at=at,
    )
    route(conversation_ids=[one.id for one in returned], at=at)
    return len(returned)
