"""Which policy judges a wait, and until when it promises an answer: pure arithmetic.

A match follows from what never changes: when the message that opened the wait was posted and when
it reached the desk, where it was said, the saved versions, and what people had said by then of the
conversation and its customer. So it is made at the opening and never redone, whatever is saved or
said later; where a late message moves the opening, or two conversations turn out to be one, it
follows from the opening that there is then, by the same rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol, TypeVar

from apps.sla.episodes import Kind, Moment, Promise, Span, put_off_round_the_clock
from apps.sla.hours import Calendar, due_at, open_time, put_off


class Saved(Protocol):
    """Something of which there are versions, each from its saving on."""

    @property
    def saved_at(self) -> datetime:
        """Since when it is known."""


V = TypeVar("V", bound=Saved)


@dataclass(frozen=True, slots=True)
class Hours:
    """One version of a calendar."""

    version_id: int
    saved_at: datetime
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Marks:
    """What people had said of a conversation and its customer when a wait opened."""

    priority: str = "normal"
    tag_ids: frozenset[int] = frozenset()
    flag_ids: frozenset[int] = frozenset()


NO_MARKS = Marks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One version of a policy: whom it is for, and what it promises by which hours.

    A condition that is None or empty fits everybody. `seconds` has the kinds that are promised;
    without `hours` they count round the clock. A warning comes at `warn_percent` of them.
    """

    policy_id: int
    version_id: int
    saved_at: datetime
    place: int
    is_retired: bool = False
    channel_id: int | None = None
    team_id: int | None = None
    surface: str = ""
    priority: str = ""
    tag_id: int | None = None
    flag_id: int | None = None
    seconds: Mapping[Kind, int]
    warn_percent: int
    hours: Sequence[Hours] = ()

    @property
    def heeds_marks(self) -> bool:
        """Whether it asks what people had said of the conversation and its customer."""
        return bool(self.priority) or self.tag_id is not None or self.flag_id is not None

    def fits(self, *, channel_id: int, team_id: int, surface: str, marks: Marks) -> bool:
        """Whether it is for what was said there, of a conversation that bore these marks."""
        return (
            not self.is_retired
            and self.channel_id in {None, channel_id}
            and self.team_id in {None, team_id}
            and self.surface in {"", surface}
            and self.priority in {"", marks.priority}
            and (self.tag_id is None or self.tag_id in marks.tag_ids)
            and (self.flag_id is None or self.flag_id in marks.flag_ids)
        )


@dataclass(frozen=True)
class Book:
    """All versions of all policies, the versions of each in the order of their saving."""

    policies: Sequence[Sequence[Terms]] = ()

    def match(
        self, opening: Moment, *, channel_id: int, team_id: int, marks: Marks = NO_MARKS
    ) -> Terms | None:
        """Return the first policy in order that fits the message which opens a wait."""
        in_force = [terms for policy in self.policies if (terms := _in_force(policy, opening))]
        return min(
            (
                terms
                for terms in in_force
                if terms.fits(
                    channel_id=channel_id, team_id=team_id, surface=opening.surface, marks=marks
                )
            ),
            key=lambda terms: (terms.place, terms.policy_id),
            default=None,
        )

    def desk_seconds(
        self,
        start: datetime,
        end: datetime,
        calendar_version_id: int | None,
        pauses: Iterable[Span] = (),
    ) -> int:
        """Count the whole seconds within that calendar's open hours; without one, all of them.

        What lies in the pauses does not count.
        """
        paused = sum(
            (self._open_time(*pause, calendar_version_id) for pause in pauses), timedelta()
        )
        return (self._open_time(start, end, calendar_version_id) - paused) // timedelta(seconds=1)

    def put_off(self, instant: datetime, pause: Span, calendar_version_id: int | None) -> datetime:
        """Return until when a pause moves what was due after it began, by that calendar."""
        if calendar_version_id is None:
            return put_off_round_the_clock(instant, pause, None)
        return put_off(instant, *pause, self._calendars[calendar_version_id])

    def _open_time(
        self, start: datetime, end: datetime, calendar_version_id: int | None
    ) -> timedelta:
        if calendar_version_id is None:
            return end - start
        return open_time(start, end, self._calendars[calendar_version_id])

    @cached_property
    def heeds_marks(self) -> bool:
        """Whether any policy, at any time, asked for priority, tags or flags."""
        return any(terms.heeds_marks for policy in self.policies for terms in policy)

    @cached_property
    def _calendars(self) -> dict[int, Calendar]:
        return {
            hours.version_id: hours.calendar
            for policy in self.policies
            for terms in policy
            for hours in terms.hours
        }


def promised(terms: Terms, kind: Kind, opening: Moment) -> Promise:
    """Return what this policy promises for a wait of that kind; a target in open seconds."""
    hours = _in_force(terms.hours, opening) if terms.hours else None
    seconds = terms.seconds.get(kind)
    due = warn = None
    if seconds is not None:
        due = _after(opening.at, seconds, hours)
        warn = _after(opening.at, seconds * terms.warn_percent // 100, hours)
    return Promise(due, warn, terms.version_id, hours.version_id if hours else None)


def _in_force(versions: Sequence[V], opening: Moment) -> V | None:
    """The first version holds from the beginning of time, later ones from their saving.

    None that was saved after the message had reached the desk.
    """
    known_at = opening.received_at or opening.at
    if not versions or versions[0].saved_at > known_at:
        return None
    until = min(opening.at, known_at)
    for version in reversed(versions):
        if version.saved_at <= until:
            return version
    return versions[0]


def _after(start: datetime, seconds: int, hours: Hours | None) -> datetime:
    if hours is None:
        return start + timedelta(seconds=seconds)
    return due_at(start, seconds, hours.calendar)
