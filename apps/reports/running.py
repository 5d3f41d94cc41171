"""The waits that still run, counted live beside those that ended."""

from collections.abc import Mapping
from typing import Any

from apps.conversations.models import Clock
from apps.reports.counted import key_of_waits, waits
from apps.reports.grouping import Lines, Measures, grouped
from apps.reports.promises import RUNNING, past_due
from apps.reports.questions import By, Key, Question

_MEASURES = Measures(
    columns=("started_at", "paused_at", "is_past_due"),
    aggregates="""
        count(*) AS running, min(started_at) AS running_since,
        count(*) FILTER (WHERE is_past_due) AS past_due, count(paused_at) AS pausing
    """,
    told=("running", "running_since", "past_due", "pausing"),
)


def running(question: Question, kind: Clock.Kind, by: By | None) -> Mapping[Key, Any]:
    """Count the waits of one kind that run, line by line; in one line, of no key, by nothing."""
    found = question.once_along("running", by, lambda bys: _running(question, bys))
    return found.get(kind, {})


def _running(question: Question, bys: frozenset[By]) -> dict[By | None, dict[str, Lines]]:
    """One look for all kinds of clocks."""
    found = waits(question, *Clock.Kind).filter(RUNNING)
    return grouped(
        found.annotate(is_past_due=past_due(question.at)),
        bys,
        lambda by: key_of_waits(by, question.user),
        _MEASURES,
    )
