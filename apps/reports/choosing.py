"""Which way a question is counted: exactly, or by rollups where more is asked about than that."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import F, Sum

from apps.conversations.models import Uncounted
from apps.reports.histograms import BOUND
from apps.reports.models import Rollup
from apps.reports.parts import Part, counting, everything, part_of
from apps.reports.periods import Period
from apps.reports.questions import By, Question, Way
from apps.reports.sums import size

EXACT_UP_TO = 500_000
"""So many ended clocks, of all kinds together, are counted one by one."""
SAID_UP_TO = 50_000
"""So many messages are: rollups know their number as exactly, only some seconds later."""
LOOKED_THROUGH = 1_000_000
"""So many of the whole desk are looked through for them: whoever asks for a page waits for it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rollups to sum: for all in one line, and for the lines of the breakdown."""

    whole: Part
    lines: Part


def chosen(question: Question, by: By | None, *kinds: str) -> Chosen | None:
    """Return which rollups tell of these kinds; None to count exactly."""
    if question.way is Way.EXACT:
        return None
    whole: Part | None = question.once("part", lambda: _usable(question))
    lines = whole.along(by) if whole and by else whole
    if whole is None or lines is None:
        return None
    if question.way is Way.BY_SIZE and _are_few(question, whole, *kinds):
        return None
    return Chosen(whole, lines)


def too_many_for(question: Question, rollups: Chosen | None, *kinds: str) -> Period | None:
    """Return the last days of a question that can be counted one by one while somebody waits.

    None where all of them can, or need not be: rollups tell.
    """
    if rollups is not None or counting(question) is None:
        return None
    if _in_all(question, *kinds) <= LOOKED_THROUGH:
        return None
    fitting = _last_days(question, *kinds)
    return None if fitting == question.period else fitting


def _last_days(question: Question, *kinds: str) -> Period:
    """At least the last day, however much it holds."""
    days = everything(question).rows(question, *kinds, by=By.DAY).order_by("-first")
    counted = days.values_list("first").annotate(number=Sum(F("count") + F("dismissed")))
    in_all = accumulate(number for _, number in counted)
    first = question.period.first
    for (day, _), number in zip(counted, in_all, strict=True):
        if number > LOOKED_THROUGH:
            first = day + timedelta(days=1)
            break
    return Period(min(first, question.period.last), question.period.last)


def how_exact(question: Question, rollups: Chosen | None) -> dict[str, Any]:
    """Return what an answer tells of itself: its bound, and until when all is in it."""
    if rollups is None:
        return {"bound": 0.0, "counted_until": None}
    return {"bound": BOUND, "counted_until": question.once("until", _oldest_note)}


def _usable(question: Question) -> Part | None:
    return part_of(question) if counting(question) else None


def _are_few(question: Question, whole: Part, *kinds: str) -> bool:
    most = SAID_UP_TO if Rollup.INBOUND in kinds else EXACT_UP_TO
    return size(question, whole, *kinds) <= most and _in_all(question, *kinds) <= LOOKED_THROUGH


def _in_all(question: Question, *kinds: str) -> int:
    """How many of these kinds the whole desk has in the days asked about."""
    return size(question, everything(question), *kinds)


def _oldest_note() -> datetime | None:
    return Uncounted.objects.order_by("id").values_list("noted_at", flat=True).first()
