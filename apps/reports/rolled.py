"""The way by rollups: sums of what days and months counted, with what runs beside them, live."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Min, Q, Sum

from apps.channels.models import Channel
from apps.conversations.models import Clock
from apps.reports.counted import key_of_waits, waits
from apps.reports.exactly import RUNNING, SHARES, by_group
from apps.reports.histograms import Histogram
from apps.reports.lines import Measured
from apps.reports.models import Rollup
from apps.reports.parts import Part
from apps.reports.promises import past_due
from apps.reports.questions import By, Key, Question

_COUNTS = ("count", "dismissed", "met", "breached", "microseconds", "desk_seconds")
_HISTOGRAMS = ("histogram", "desk_histogram")


@dataclass(slots=True)
class Sums:
    """What the rollups of one line add up to."""

    count: int = 0
    dismissed: int = 0
    met: int = 0
    breached: int = 0
    microseconds: int = 0
    desk_seconds: int = 0
    histogram: Histogram = field(default_factory=Histogram)
    desk_histogram: Histogram = field(default_factory=Histogram)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add the sums of another row."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + int(row[f"all_{name}"]))
        for name in _HISTOGRAMS:
            setattr(self, name, getattr(self, name) + row[f"all_{name}"])

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


ByKind = dict[str, dict[Key, Sums]]


def measure(question: Question, kind: Clock.Kind, part: Part) -> Mapping[str, Any]:
    """Measure all the waits of a question as one."""
    return _measure(question, kind, None, part)[None]


def measure_by(question: Question, kind: Clock.Kind, by: By, part: Part) -> Measured:
    """Measure the waits of a question group by group."""
    return _measure(question, kind, by, part)


def count(question: Question, part: Part) -> Mapping[str, int]:
    """Count all the messages of a question as one."""
    return _count(question, None, part).get(None, {})


def count_by(question: Question, by: By, part: Part) -> Measured:
    """Count the messages of a question group by group."""
    return _count(question, by, part)


def sums_of(question: Question, by: By | None, part: Part, *kinds: str) -> ByKind:
    """Add up the rollups of each kind, line by line; in one line, of no key, where by nothing."""
    column = {By.DAY: "first", By.TEAM: "team_id", None: "kind"}.get(by, "value")
    rows = (
        part.rows(question, *kinds, by=by)
        .values("kind", line=F(column))
        .annotate(**{f"all_{name}": Sum(name) for name in (*_COUNTS, *_HISTOGRAMS)})
        .order_by()
    )
    networks = _networks() if by is By.NETWORK else {}
    found: ByKind = defaultdict(lambda: defaultdict(Sums))
    for row in rows:
        found[row["kind"]][_key(by, row["line"], question, networks)].add(row)
    return found


def _measure(question: Question, kind: Clock.Kind, by: By | None, part: Part) -> Measured:
    kinds = [kind, Rollup.PAUSE] if kind == Clock.Kind.RESOLUTION else [kind]
    sums = sums_of(question, by, part, *kinds)
    ended = {key: _figures(of_line, question) for key, of_line in sums[kind].items()}
    pauses = {key: _pauses(of_line) for key, of_line in sums[Rollup.PAUSE].items()}
    running = _running(question, kind, by)
    return {
        key: {**ended.get(key, {}), **pauses.get(key, {}), **running.get(key, {})}
        for key in ended.keys() | running.keys()
    }


def _count(question: Question, by: By | None, part: Part) -> dict[Key, dict[str, int]]:
    kinds = (Rollup.INBOUND, Rollup.OUTBOUND)
    sums = sums_of(question, by, part, *kinds)
    keys = {key for lines in sums.values() for key in lines}
    return {key: {kind: sums[kind][key].count for kind in kinds} for key in keys}


def _networks() -> dict[str, str]:
    return {str(pk): network for pk, network in Channel.objects.values_list("id", "network")}


def _key(by: By | None, line: Any, question: Question, networks: Mapping[str, str]) -> Key:
    """Read the key of a line; agents who lead nobody see all others in one."""
    match by:
        case None:
            return None
        case By.NETWORK:
            return networks[line]
        case By.HOUR:
            return int(line) % 24
        case By.AGENT | By.TAG:
            own = question.user.leads or by is By.TAG or line == str(question.user.pk)
            return int(line) if line and own else None
        case By.CHANNEL | By.HOUR_OF_WEEK:
            return int(line)
        case _:
            key: Key = line
            return key


def _figures(sums: Sums, question: Question) -> dict[str, Any]:
    return {
        "count": sums.count,
        "dismissed": sums.dismissed,
        "met": sums.met,
        "breached": sums.breached,
        **sums.times(in_open_hours=question.in_open_hours),
    }


def _pauses(sums: Sums) -> dict[str, Any]:
    [median] = sums.histogram.percentiles(0.5)
    return {"paused": sums.count, "paused_p50": median and median.seconds}


def _running(question: Question, kind: Clock.Kind, by: By | None) -> Measured:
    measures = {
        "running": Count("id"),
        "running_since": Min("started_at"),
        "past_due": Count("id", filter=past_due(question.at)),
        "pausing": Count("id", filter=Q(paused_at__isnull=False)),
    }
    found = waits(question, kind).filter(RUNNING)
    if by is None:
        return {None: found.aggregate(**measures)}
    rows = found.values(group=key_of_waits(by, question.user)).annotate(**measures).order_by()
    return by_group(rows)
