"""The days ahead as people read them, so that a mistake in opening hours is seen at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.sla.hours import Calendar, open_times


@dataclass(frozen=True, slots=True)
class Day:
    """One date: from when to when it is open on the wall clock, and whether it is a holiday.

    What passes midnight stands on both dates; an end at midnight reads 24:00.
    """

    date: date
    spans: list[str]
    is_holiday: bool


def outlook(calendar: Calendar, *, first: date, days: int) -> list[Day]:
    """Tell when it is open on the dates from `first` on, in the calendar's own zone."""
    dates = [first + timedelta(days=number) for number in range(days)]
    return [Day(day, list(_spans(calendar, day)), day in calendar.holidays) for day in dates]


def _spans(calendar: Calendar, day: date) -> Iterator[str]:
    zone = ZoneInfo(calendar.zone)
    start, end = (
        datetime.combine(midnight, time(), zone) for midnight in (day, day + timedelta(days=1))
    )
    for opens, closes in open_times(start, end, calendar):
        wall_end = closes.astimezone(zone)
        ends = "24:00" if wall_end.date() > day else f"{wall_end:%H:%M}"
        yield f"{opens.astimezone(zone):%H:%M}–{ends}"
