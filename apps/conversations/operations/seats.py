"""Who may be given work right now: agents locked first, then counted (trust.md).

Every agent that one transaction may give work to is locked at once, ids ascending, and the load is
counted by a later statement: a router that waited for the lock must see what the other one gave.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from apps.common import sets


@dataclass(slots=True)
class Seat:
    """An agent who may be given work, and how full they are.

    The seat with the smallest `fullness` is next: least loaded relative to capacity first, then
    the longest idle. It is kept, not asked for, since a batch compares it thousands of times.
    """

    user_id: int
    capacity: int
    load: int
    last_given_at: datetime | None
    team_ids: frozenset[int] = frozenset()
    fullness: tuple[float, bool, datetime | None, int] = field(init=False)

    def __post_init__(self) -> None:
        self.fullness = self._fullness()

    @property
    def has_room(self) -> bool:
        """Whether one more conversation keeps them within their capacity."""
        return self.load < self.capacity

    def give(self, *, at: datetime) -> None:
        """Count one more conversation."""
        self.load += 1
        self.last_given_at = at
        self.fullness = self._fullness()

    def _fullness(self) -> tuple[float, bool, datetime | None, int]:
        return (
            self.load / self.capacity if self.capacity else inf,
            self.last_given_at is not None,
            self.last_given_at,
            self.user_id,
        )


def lock_seats(
    *, team_ids: Collection[int], user_ids: Collection[int] = (), at: datetime
) -> list[Seat]:
    """Lock the agents of these teams and these users, as far as they are on shift, and count."""
    people = _locked(team_ids, user_ids, at=at)
    if not people:
        return []
    counted = _counted([user_id for user_id, *_ in people])
    return [
        Seat(user_id, capacity, *counted[user_id], team_ids=frozenset(teams))
        for user_id, capacity, teams in people
    ]


def _locked(
    team_ids: Collection[int], user_ids: Collection[int], *, at: datetime
) -> list[tuple[int, int, list[int]]]:
    """On shift is what `UserQuerySet.on_shift` says."""
    rows = sets.execute(
        """
        SELECT agent.id, agent.capacity,
               ARRAY(SELECT team_id FROM agents_membership WHERE user_id = agent.id)
        FROM agents_user agent
        WHERE agent.is_active
          AND (agent.id = ANY(%b::bigint[]) OR agent.role = 'agent' AND EXISTS (
              SELECT 1 FROM agents_membership membership
              WHERE membership.user_id = agent.id AND membership.team_id = ANY(%b::bigint[])))
          AND EXISTS (
              SELECT 1 FROM agents_shift shift
              WHERE shift.user_id = agent.id AND shift.starts_at <= %b::timestamptz
                AND (shift.ends_at IS NULL OR shift.ends_at > %b::timestamptz))
        ORDER BY agent.id FOR NO KEY UPDATE OF agent
        """,
        list(user_ids),
        list(team_ids),
        at,
        at,
    )
    return [(user_id, capacity, teams) for user_id, capacity, teams in rows]


def _counted(user_ids: list[int]) -> dict[int, tuple[int, datetime | None]]:
    """How many open conversations each has, and when they were last given one, resolved or not."""
    rows = sets.execute(
        """
        SELECT agent.id,
               (SELECT count(*) FROM conversations_conversation
                WHERE assignee_id = agent.id AND state = 'open'),
               (SELECT max(assigned_at) FROM conversations_conversation
                WHERE assignee_id = agent.id)
        FROM unnest(%b::bigint[]) AS agent(id)
        """,
        user_ids,
    )
    return {user_id: (load, last_given_at) for user_id, load, last_given_at in rows}
