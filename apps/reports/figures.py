"""Answers to questions: typed figures, and how exact they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from apps.conversations.models import Clock
from apps.reports.questions import By, Key, Question

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Waits of a group: the ended ones measured, with the running ones beside them.

    `count` waits ended with a reply, of resolutions with the resolve; `dismissed` with a person's
    "no reply needed"; `running` still wait, the longest since `running_since`. Percentiles and the
    mean are seconds and of the `count` alone, None where there are none. Of those that were
    promised something, `met` ended no later than due, `breached` later, and `past_due` still run
    though they are due. Of resolutions `paused` of the resolved were paused, half of those no
    longer than `paused_p50` seconds in all; `pausing` of the running are paused now.
    """

    key: Key
    label: str
    count: int = 0
    dismissed: int = 0
    running: int = 0
    running_since: datetime | None = None
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None
    mean: float | None = None
    met: int = 0
    breached: int = 0
    past_due: int = 0
    paused: int = 0
    paused_p50: float | None = None
    pausing: int = 0

    @property
    def compliance(self) -> float | None:
        """Share of the promises kept, 0 to 1, broken ones that still wait included (clocks.md)."""
        judged = self.met + self.breached + self.past_due
        return self.met / judged if judged else None

    @property
    def total(self) -> int:
        """All waits of the group, however they stand."""
        return self.count + self.dismissed + self.running

    @property
    def answered_share(self) -> float | None:
        """Share of the waits that called for an answer and got one, 0 to 1."""
        called = self.count + self.running
        return self.count / called if called else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How many messages customers wrote, and how many the network accepted of the desk's."""

    key: Key
    label: str
    inbound: int = 0
    outbound: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Line]):
    """All of the question in one line, and its breakdown where one was asked for.

    Counts are always exact. So are percentiles and means where `bound` is 0; else each percentile
    lies within a bucket that holds the true one, and whose upper end is at most that share above
    its lower end. `counted_until` is None where all that happened is counted; else what changed
    since that instant is counted within seconds.

    The lines of a breakdown add up to the total. Only by tag somebody may count more than once:
    once under each tag of the conversation.
    """

    question: Question
    by: By | None
    total: Line
    lines: list[Line]
    bound: float = 0.0
    counted_until: datetime | None = None

    @property
    def is_exact(self) -> bool:
        """Whether its percentiles are those of the waits themselves."""
        return not self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Times(Answer[Figures]):
    """How long it took, of one kind of clock."""

    kind: Clock.Kind


class Volume(Answer[Said]):
    """How much was written."""
