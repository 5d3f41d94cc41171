"""Answers as plain data, as the command prints them in JSON."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from apps.conversations.models import Clock
from apps.reports.counted import RESPONSES
from apps.reports.figures import Figures, Said, Times
from apps.reports.periods import zone
from apps.reports.queries import response_times, volume
from apps.reports.questions import By, Question

Data = dict[str, Any]
Line = TypeVar("Line", Figures, Said)

NOTHING = Figures(key=None, label="")
RUNNING = {
    Clock.Kind.FIRST_RESPONSE: "running_first",
    Clock.Kind.NEXT_RESPONSE: "running_next",
    Clock.Kind.RESOLUTION: "running",
}


def times_as_data(question: Question, by: By, *, kinds: Sequence[Clock.Kind] = RESPONSES) -> Data:
    """Return how many waits of each kind were answered and how long they took, in seconds.

    How many still run stands beside. Percentiles are None where nothing was answered.
    """

    def told(lines: Sequence[Figures]) -> Data:
        figures = list(zip(kinds, lines, strict=True))
        return {
            str(kind): {"n": line.count, "p50": line.p50, "p90": line.p90, "p99": line.p99}
            for kind, line in figures
        } | {RUNNING[kind]: line.running for kind, line in figures}

    answers = [response_times(question, kind=kind, by=by) for kind in kinds]
    return {
        **_head(question, bound=max(answer.bound for answer in answers)),
        **_broken_down(answers, by, told),
    }


def promises_as_data(question: Question, by: By) -> Data:
    """Return of each kind how many promises were met, breached, or are past due and running."""

    def told(lines: Sequence[Figures]) -> Data:
        return {
            str(kind): {
                "met": line.met,
                "breached": line.breached,
                "past_due": line.past_due,
                "share": line.compliance,
            }
            for kind, line in zip(Clock.Kind, lines, strict=True)
        }

    answers = [response_times(question, kind=kind, by=by) for kind in Clock.Kind]
    return {
        **_head(question),
        **_broken_down(answers, by, told),
    }


def volume_as_data(question: Question, by: By) -> Data:
    """Return how many messages came in and went out."""

    def told(line: Said) -> Data:
        return {"inbound": line.inbound, "outbound": line.outbound}

    answer = volume(question, by=by)
    return {
        **_head(question),
        plural(by): {name: told(line) for name, line in _by_name(answer.lines).items()},
        "all": told(answer.total),
    }


def plural(by: By) -> str:
    """Name the lines of a breakdown together."""
    return "hours_of_week" if by is By.HOUR_OF_WEEK else f"{by}s"


def _head(question: Question, *, bound: float = 0.0) -> Data:
    return {
        "from": question.period.first.isoformat(),
        "to": question.period.last.isoformat(),
        "zone": zone().key,
        "exact": not bound,
        "bound": bound,
    }


def _broken_down(
    answers: Sequence[Times], by: By, told: Callable[[Sequence[Figures]], Data]
) -> Data:
    """Return what is told of each line, and of all together; an answer each kind, in its order."""
    lines = [_by_name(answer.lines) for answer in answers]
    return {
        plural(by): {
            name: told([of_kind.get(name, NOTHING) for of_kind in lines])
            for name in dict.fromkeys(name for of_kind in lines for name in of_kind)
        },
        "all": told([answer.total for answer in answers]),
    }


def _by_name(lines: Iterable[Line]) -> dict[str, Line]:
    """Return lines by what people call them, an account without its @; ids tell namesakes apart."""
    named = [(line.label.removeprefix("@"), line) for line in lines]
    counts = Counter(name for name, _ in named)
    return {name if counts[name] == 1 else f"{name} #{line.key}": line for name, line in named}
