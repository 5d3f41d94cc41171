"""What rollups add up to: of one question in one line, or line by line along one breakdown."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Sum

from apps.reports.exactly import SHARES
from apps.reports.finer import FINER, added_up
from apps.reports.histograms import Histogram
from apps.reports.models import Rollup
from apps.reports.parts import Part
from apps.reports.questions import By, Key, Question

EMPTY = Histogram()
_COUNTS = ("count", "dismissed", "met", "breached", "microseconds", "desk_seconds")


@dataclass(slots=True)
class Sums:
    """What the rollups of one line add up to; what nobody asked for stays empty."""

    count: int = 0
    dismissed: int = 0
    met: int = 0
    breached: int = 0
    microseconds: int = 0
    desk_seconds: int = 0
    histogram: Histogram = EMPTY
    desk_histogram: Histogram = EMPTY

    @classmethod
    def together(cls, some: Iterable["Sums"]) -> "Sums":
        """Add sums."""
        added = list(some)
        if len(added) == 1:
            return added[0]
        counts = {name: sum(getattr(one, name) for one in added) for name in _COUNTS}
        return cls(
            **counts,
            histogram=Histogram.together(one.histogram for one in added),
            desk_histogram=Histogram.together(one.desk_histogram for one in added),
        )

    def times(self, *, in_open_hours: bool) -> dict[str, float | None]:
        """Return percentiles, estimated, and the mean, which is exact, in seconds."""
        histogram = self.desk_histogram if in_open_hours else self.histogram
        seconds = self.desk_seconds if in_open_hours else self.microseconds / 1e6
        estimates = histogram.percentiles(*SHARES.values())
        return {
            "mean": seconds / self.count if self.count else None,
            **{
                name: None if estimate is None else estimate.seconds
                for name, estimate in zip(SHARES, estimates, strict=True)
            },
        }


Lines = dict[Key, Sums]


def totals(question: Question, part: Part) -> dict[str, Sums]:
    """Add up all rollups of a question, kind by kind: one look for every figure of the whole."""

    def look() -> dict[str, Sums]:
        found = sums_of(question, None, part, *Rollup.KINDS)
        return {kind: of_kind[None] for kind, of_kind in found.items()}

    return question.once(("totals", part), look)


def size(question: Question, part: Part, *kinds: str) -> int:
    """Return how many ended clocks, or messages, of these kinds a question is about."""
    found = totals(question, part)
    return sum(found[kind].count + found[kind].dismissed for kind in kinds if kind in found)


def lines(question: Question, by: By, part: Part, kind: str) -> Lines:
    """Add up the rollups of one kind, line by line."""
    if by in FINER:
        of_finer = lines(question, FINER[by], part, kind)
        return added_up(question, by, of_finer, Sums.together)

    def look() -> Lines:
        return sums_of(question, by, part, kind).get(kind, {})

    return question.once(("lines", by, part, kind), look)


def sums_of(question: Question, by: By | None, part: Part, *kinds: str) -> dict[str, Lines]:
    """Add up the rollups of each kind, line by line; in one line, of no key, where by nothing.

    Of the two histograms only those are read that the question asks for.
    """
    column = {By.DAY: "first", By.TEAM: "team_id", None: "kind"}.get(by, "value")
    names = [*_COUNTS, "histogram", *(["desk_histogram"] if question.in_open_hours else [])]
    rows = (
        part.rows(question, *kinds, by=by)
        .order_by()
        .values_list("kind", F(column))
        .annotate(**{f"all_{name}": Sum(name) for name in names})
    )
    found: dict[str, dict[Key, list[Sums]]] = defaultdict(lambda: defaultdict(list))
    for kind, line, *measured in rows:
        told: dict[str, Any] = {
            name: value if isinstance(value, Histogram) else int(value)
            for name, value in zip(names, measured, strict=True)
        }
        found[kind][_key(by, line, question)].append(Sums(**told))
    return {
        kind: {key: Sums.together(some) for key, some in of_kind.items()}
        for kind, of_kind in found.items()
    }


def _key(by: By | None, line: Any, question: Question) -> Key:
    """Read the key of a line; agents who lead nobody see all others in one."""
    match by:
        case None:
            return None
        case By.AGENT | By.TAG:
            own = question.user.leads or by is By.TAG or line == str(question.user.pk)
            return int(line) if line and own else None
        case By.CHANNEL | By.HOUR_OF_WEEK:
            return int(line)
        case _:
            key: Key = line
            return key
