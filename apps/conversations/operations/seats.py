"""Who may be given work right now: agents locked first, then counted (trust.md).

Every agent that one transaction may give work to is locked at once, ids ascending, and the load is
counted by a later statement: a router that waited for the lock must see what the other one gave.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from apps.common import sets

NOTHING: frozenset[str] = frozenset()


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

    Nothing is given out in a team whose agents take for themselves. Who went off while this waited
    for their lock is not there: the count tells.
    """
    sent = _lock(team_ids, user_ids, at=at), _count(team_ids, user_ids, at=at)
    people, counts = (each.rows() for each in sent)
    counted: dict[int, tuple[int, datetime | None, int]] = {row[0]: row[1:] for row in counts}
    return [
        Seat(
            user_id,
            capacity,
            *counted[user_id],
            team_ids=frozenset(teams),
            languages=frozenset(map(spoken, languages)) if languages else NOTHING,
            skills=frozenset(skills) if skills else NOTHING,
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


def _lock(team_ids: Collection[int], user_ids: Collection[int], *, at: datetime) -> sets.Sent:
    """At work is what `UserQuerySet.at_work` says."""
    return sets.send(
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
              JOIN agents_team team ON team.id = membership.team_id AND team.mode <> 'pull'
              WHERE membership.user_id = agent.id AND team.id = ANY(%b::bigint[])))
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


def _count(team_ids: Collection[int], user_ids: Collection[int], *, at: datetime) -> sets.Sent:
    """What each has open, when they were last given one, resolved or not, and how many wait.

    Left out are those who are not on any more.
    """
    return sets.send(
        """
        WITH asked AS MATERIALIZED (
            SELECT presence.user_id FROM agents_presence presence
            WHERE presence.chosen = 'on'
              AND (presence.away_at IS NULL OR presence.away_at > %b::timestamptz)
              AND (presence.user_id = ANY(%b::bigint[]) OR EXISTS (
                  SELECT 1 FROM agents_membership membership
                  WHERE membership.user_id = presence.user_id
                    AND membership.team_id = ANY(%b::bigint[])))
        ), held AS (
            SELECT assignee_id, sum(weight)::int AS load,
                   (count(*) FILTER (WHERE waiting_since IS NOT NULL
                                        OR unseen_since IS NOT NULL))::int AS unanswered
            FROM asked JOIN conversations_conversation ON assignee_id = asked.user_id
            WHERE state = 'open'
            GROUP BY assignee_id
        )
        SELECT user_id, coalesce(held.load, 0),
               (SELECT max(assigned_at) FROM conversations_conversation
                WHERE assignee_id = user_id), coalesce(held.unanswered, 0)
        FROM asked LEFT JOIN held ON assignee_id = user_id
        """,
        at,
        list(user_ids),
        list(team_ids),
    )
