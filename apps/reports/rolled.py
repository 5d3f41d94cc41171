"""The way by rollups: sums of what days and months counted, with what runs beside them, live."""

from collections.abc import Mapping
from typing import Any

from apps.conversations.models import Clock
from apps.reports.lines import Measured
from apps.reports.models import Rollup
from apps.reports.parts import Part
from apps.reports.questions import By, Question
from apps.reports.running import running
from apps.reports.sums import Sums, lines, totals

_SAID = (Rollup.INBOUND, Rollup.OUTBOUND)


def measure(question: Question, kind: Clock.Kind, part: Part) -> Mapping[str, Any]:
    """Measure all the waits of a question as one."""
    found = totals(question, part)
    return {
        **_ended(question, kind, found.get(kind), found.get(Rollup.PAUSE)),
        **running(question, kind, None).get(None, {}),
    }


def measure_by(question: Question, kind: Clock.Kind, by: By, part: Part) -> Measured:
    """Measure the waits of a question group by group."""
    ended = lines(question, by, part, kind)
    is_paused = kind is Clock.Kind.RESOLUTION
    pauses = lines(question, by, part, Rollup.PAUSE) if is_paused else {}
    waiting = running(question, kind, by)
    return {
        key: {
            **_ended(question, kind, ended.get(key), pauses.get(key)),
            **waiting.get(key, {}),
        }
        for key in ended.keys() | waiting.keys()
    }


def count(question: Question, part: Part) -> Mapping[str, int]:
    """Count all the messages of a question as one."""
    found = totals(question, part)
    return {kind: found[kind].count for kind in _SAID if kind in found}


def count_by(question: Question, by: By, part: Part) -> Measured:
    """Count the messages of a question group by group."""
    said = {kind: lines(question, by, part, kind) for kind in _SAID}
    keys = {key for of_kind in said.values() for key in of_kind}
    return {
        key: {kind: of_kind[key].count for kind, of_kind in said.items() if key in of_kind}
        for key in keys
    }


def _ended(
    question: Question, kind: Clock.Kind, sums: Sums | None, pauses: Sums | None
) -> dict[str, Any]:
    if sums is None:
        return {}
    figures = {
        "count": sums.count,
        "dismissed": sums.dismissed,
        "met": sums.met,
        "breached": sums.breached,
        **sums.times(in_open_hours=question.in_open_hours),
    }
    if kind is not Clock.Kind.RESOLUTION or pauses is None:
        return figures
    [median] = pauses.histogram.percentiles(0.5)
    return figures | {"paused": pauses.count, "paused_p50": median and median.seconds}
