"""Which way a question is counted: exactly, or by rollups where more is asked about than that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.conversations.models import Uncounted
from apps.reports.histograms import BOUND
from apps.reports.parts import Part, part_of
from apps.reports.questions import By, Question, Way
from apps.reports.recounting import is_counted
from apps.reports.sums import size

EXACT_UP_TO = 500_000
"""So many ended clocks, of all kinds together, or messages, are counted one by one."""


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
    if question.way is Way.BY_SIZE and size(question, whole, *kinds) <= EXACT_UP_TO:
        return None
    return Chosen(whole, lines)


def how_exact(question: Question, rollups: Chosen | None) -> dict[str, Any]:
    """Return what an answer tells of itself: its bound, and until when all is in it."""
    if rollups is None:
        return {"bound": 0.0, "counted_until": None}
    return {"bound": BOUND, "counted_until": question.once("until", _oldest_note)}


def _usable(question: Question) -> Part | None:
    return part_of(question) if is_counted() else None


def _oldest_note() -> datetime | None:
    return Uncounted.objects.order_by("id").values_list("noted_at", flat=True).first()
