"""How long the arithmetic of business hours takes over a week: 20 microseconds a call are promised.

Five calendars with lunch breaks and holidays in zones that change their clocks, asked in turn about
weeks spread over two years, as a batch of conversations asks about theirs.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

from apps.sla.hours import Calendar, due_at, elapsed
from apps.sla.week import WEEKDAYS

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
CALLS, ROUNDS = 10_000, 7
MOST_MICROSECONDS = 20
WEEK = timedelta(days=7)

Question = tuple[Calendar, datetime, int]


def bench_hours() -> None:
    calendars = [_calendar(zone) for zone in ZONES]
    since = datetime(2025, 1, 1, tzinfo=UTC)
    starts = [since + timedelta(hours=17 * number, seconds=number) for number in range(1000)]
    questions: list[Question] = [
        (calendar, start, elapsed(start, start + WEEK, calendar))
        for calendar, start in zip(cycle(calendars), starts, strict=False)
    ]
    figures = {
        "due_at_microseconds": _microseconds(questions, _due_in_a_week),
        "elapsed_microseconds": _microseconds(questions, _elapsed_in_a_week),
    }
    print(json.dumps({"bench": "hours", **figures}))
    assert max(figures.values()) <= MOST_MICROSECONDS


def _calendar(zone: str) -> Calendar:
    office = {day: [["09:00", "12:30"], ["13:15", "18:00"]] for day in WEEKDAYS[:5]}
    return Calendar.from_dict({"zone": zone, "week": office, "holidays": ["2025-12-25"]})


def _due_in_a_week(calendar: Calendar, start: datetime, seconds: int) -> None:
    due_at(start, seconds, calendar)


def _elapsed_in_a_week(calendar: Calendar, start: datetime, seconds: int) -> None:
    elapsed(start, start + WEEK, calendar)


def _microseconds(
    questions: list[Question], ask: Callable[[Calendar, datetime, int], None]
) -> float:
    """The median over rounds of a call's mean processor time: others at work do not count."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for question in islice(cycle(questions), CALLS):
            ask(*question)
        rounds.append((time.process_time() - began) / CALLS)
    return round(1_000_000 * statistics.median(rounds), 1)
