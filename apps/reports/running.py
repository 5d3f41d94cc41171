"""The waits that still run, counted live beside the sums of those that ended."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Min, Q

from apps.conversations.models import Clock
from apps.reports.counted import key_of_waits, waits
from apps.reports.exactly import RUNNING
from apps.reports.finer import FINER, added_up
from apps.reports.promises import past_due
from apps.reports.questions import By, Key, Question

Counts = Mapping[str, Any]
_COUNTED = ("running", "running_since", "past_due", "pausing")


def running(question: Question, kind: Clock.Kind, by: By | None) -> Mapping[Key, Counts]:
    """Count the waits of one kind that run, line by line; in one line, of no key, by nothing."""
    return question.once(("running", by), lambda: _by_kind(question, by)).get(kind, {})


def _by_kind(question: Question, by: By | None) -> Mapping[str, Mapping[Key, Counts]]:
    """One look for all kinds of clocks."""
    if by in FINER:
        return {
            kind: added_up(question, by, running(question, kind, FINER[by]), _together)
            for kind in Clock.Kind
        }
    rows: Iterable[Mapping[str, Any]] = (
        waits(question, *Clock.Kind)
        .filter(RUNNING)
        .order_by()
        .values("kind", group=key_of_waits(by, question.user) if by else F("kind"))
        .annotate(
            running=Count("id"),
            running_since=Min("started_at"),
            past_due=Count("id", filter=past_due(question.at)),
            pausing=Count("id", filter=Q(paused_at__isnull=False)),
        )
    )
    found: dict[str, dict[Key, Counts]] = defaultdict(dict)
    for row in rows:
        found[row["kind"]][row["group"] if by else None] = {name: row[name] for name in _COUNTED}
    return found


def _together(some: Sequence[Counts]) -> Counts:
    return {
        name: (min if name == "running_since" else sum)(one[name] for one in some)
        for name in _COUNTED
    }
