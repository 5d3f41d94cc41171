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
    """An agent who may be given work, how full they are, and what they can do.

    `load` is what their open conversations weigh together, `unanswered` how many of them wait.
    The seat with the smallest `fullness` is next: least loaded relative to capacity first, then
    the longest idle. It is kept, not asked for, since a batch compares it thousands of times.
    """

    user_id: int
    capacity: int
    load: int
    last_given_at: datetime | None
    unanswered: int = 0
    team_ids: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    fullness: tuple[float, bool, datetime | None, int] = field(init=False)

    def __post_init__(self) -> None:
        self.fullness = self._fullness()

    def has_room(self, weight: int = 1) -> bool:
        """Whether one more conversation of this weight keeps them within their capacity."""
        return self.load + weight <= self.capacity

    def give(self, weight: int = 1, *, at: datetime) -> None:
        """Count one more conversation."""
        self.load += weight
        self.unanswered += 1
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
    """Lock the agents of these teams and these users, as far as they are at work, and count.

    Who went off while this waited for their lock is not there: the count tells.
    """
    people = _locked(team_ids, user_ids, at=at)
    if not people:
        return []
    counted = _counted([user_id for user_id, *_ in people], at=at)
    return [
        Seat(
            user_id,
            capacity,
            *counted[user_id],
            team_ids=frozenset(teams),
            languages=frozenset(map(spoken, languages)),
            skills=frozenset(skills),
        )
        for user_id, capacity, teams, languages, skills in people
        if user_id in counted
    ]


def load_of(user_id: int) -> int:
    """What the open conversations of a locked agent weigh together."""
    [[load]] = sets.execute(
        """
        SELECT coalesce(sum(weight), 0)::int FROM conversations_conversation
        WHERE assignee_id = %b::bigint AND state = 'open'
        """,
        user_id,
    )
    return int(load)


def spoken(tag: str) -> str:
    """Return the language of a tag, without its region: pt-BR is answered by who writes pt."""
    return tag.split("-")[0].lower()


def _locked(
    team_ids: Collection[int], user_ids: Collection[int], *, at: datetime
) -> list[tuple[int, int, list[int], list[str], list[str]]]:
    """At work is what `UserQuerySet.at_work` says."""
    rows = sets.execute(
        """
        SELECT agent.id, agent.capacity,
               ARRAY(SELECT team_id FROM agents_membership WHERE user_id = agent.id),
               agent.languages, agent.skills
        FROM agents_user agent
        JOIN agents_presence presence ON presence.user_id = agent.id
        WHERE agent.is_active AND presence.chosen = 'on'
          AND (presence.away_at IS NULL OR presence.away_at > %b::timestamptz)
          AND (agent.id = ANY(%b::bigint[]) OR agent.role = 'agent' AND EXISTS (
              SELECT 1 FROM agents_membership membership
              WHERE membership.user_id = agent.id AND membership.team_id = ANY(%b::bigint[])))
          AND EXISTS (
              SELECT 1 FROM agents_shift shift
              WHERE shift.user_id = agent.id AND shift.starts_at <= %b::timestamptz
                AND (shift.ends_at IS NULL OR shift.ends_at > %b::timestamptz))
        ORDER BY agent.id FOR NO KEY UPDATE OF agent
        """,
        at,
        list(user_ids),
        list(team_ids),
        at,
        at,
    )
    return [
        (user_id, capacity, teams, languages, skills)
        for user_id, capacity, teams, languages, skills in rows
    ]


def _counted(user_ids: list[int], *, at: datetime) -> dict[int, tuple[int, datetime | None, int]]:
    """What each has open, when they were last given one, resolved or not, and how many wait.

    Left out are those who are not on any more.
    """
    rows = sets.execute(
        """
        WITH held AS (
            SELECT assignee_id, sum(weight)::int AS load,
                   (count(*) FILTER (WHERE waiting_since IS NOT NULL
                                        OR unseen_since IS NOT NULL))::int AS unanswered
            FROM conversations_conversation
            WHERE assignee_id = ANY(%b::bigint[]) AND state = 'open'
            GROUP BY assignee_id
        )
        SELECT presence.user_id, coalesce(held.load, 0), coalesce(held.unanswered, 0),
               (SELECT max(assigned_at) FROM conversations_conversation
                WHERE assignee_id = presence.user_id)
        FROM agents_presence presence LEFT JOIN held ON held.assignee_id = presence.user_id
        WHERE presence.user_id = ANY(%b::bigint[]) AND presence.chosen = 'on'
          AND (presence.away_at IS NULL OR presence.away_at > %b::timestamptz)
        """,
        user_ids,
        user_ids,
        at,
    )
    return {
        user_id: (load, last_given_at, unanswered)
        for user_id, load, unanswered, last_given_at in rows
    }
