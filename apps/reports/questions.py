"""What somebody wants counted: of whom, which days, which part of the desk, one line for what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from apps.agents.models import User
from apps.reports.periods import Period

NOBODY = 0
"""As `agent_id`: waits nobody known was credited with. To an agent: all waits but their own."""
UNTAGGED = 0
"""As `tag_id`: conversations that bear no tag."""

T = TypeVar("T")
Key = int | str | date | None


class By(StrEnum):
    """What there is one line for.

    Keys are the ids of channels, teams, agents and tags, the word for a network, a surface and a
    language, the day, the hour of the day from 0, and the hour of the week from 0 on Monday
    (weekday × 24 + hour). Days and hours are those of the desk's zone on which a wait began.
    """

    CHANNEL = "channel"
    TEAM = "team"
    NETWORK = "network"
    AGENT = "agent"
    SURFACE = "surface"
    LANGUAGE = "language"
    TAG = "tag"
    DAY = "day"
    HOUR = "hour"
    HOUR_OF_WEEK = "hour_of_week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which part of the desk; None leaves nothing out.

    An agent's waits are those they are credited with: who sent the reply, not the assignee. What
    still runs has no agent. Surface and language are those of the message that opened the wait,
    an empty language is an unknown one. Tags are those the conversation bears now.
    """

    channel_id: int | None = None
    team_id: int | None = None
    network: str | None = None
    agent_id: int | None = None
    surface: str | None = None
    language: str | None = None
    tag_id: int | None = None
    hour: int | None = None
    hour_of_week: int | None = None


EVERYTHING = Filters()
_FIELDS = {
    By.CHANNEL: "channel_id",
    By.TEAM: "team_id",
    By.NETWORK: "network",
    By.AGENT: "agent_id",
    By.SURFACE: "surface",
    By.LANGUAGE: "language",
    By.TAG: "tag_id",
    By.HOUR: "hour",
    By.HOUR_OF_WEEK: "hour_of_week",
}


class Way(StrEnum):
    """How it is counted: over the waits themselves, or by the rollups of days and months.

    By itself the desk is exact up to half a million waits in the days asked about.
    """

    BY_SIZE = "by size"
    EXACT = "exact"
    ROLLUPS = "rollups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose right it is to see the answer, the range of days, and which part of the desk.

    Waits count for the day on which they began, messages for the day on which they were posted.
    `at` is the instant of asking: by it what runs is judged. With `in_open_hours` times are the
    desk's open hours instead of the customer's wall time, which is the headline. Whoever goes on to
    ask for several breakdowns names them in `along`: they are then looked for together.
    """

    user: User
    period: Period
    at: datetime
    filters: Filters = EVERYTHING
    in_open_hours: bool = False
    way: Way = Way.BY_SIZE
    along: frozenset[By] = frozenset()
    known: dict[object, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    def once(self, what: object, look: Callable[[], T]) -> T:
        """Look something up that several answers to this question need, the first time one does."""
        if what not in self.known:
            self.known[what] = look()
        found: T = self.known[what]
        return found

    def once_along(
        self, what: object, by: By | None, look: Callable[[frozenset[By]], Mapping[By | None, T]]
    ) -> T:
        """Look something up along a breakdown, together with those that are asked for later.

        Each look tells of all in one line too, under None; alone it looks for that only.
        """
        found: dict[By | None, T] = self.once(what, dict)
        if by not in found:
            alone = frozenset() if by is None else frozenset({by})
            found.update(look(self.along if by in self.along else alone))
        return found[by]

    def of_line(self, by: By, key: Key) -> "Question":
        """Ask for one line of a breakdown alone: what is counted there is the same."""
        if by is By.DAY and isinstance(key, date):
            return replace(self, period=Period(key, key))
        wanted: dict[str, Any] = {_FIELDS[by]: NOBODY if key is None else key}
        return replace(self, filters=replace(self.filters, **wanted))

    def before(self) -> "Question":
        """Ask the same of as many days before these; what was found of those is known again."""
        return self.once("before", lambda: replace(self, period=self.period.before()))
