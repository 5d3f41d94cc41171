"""A week's opening hours as they are written, read into seconds of wall time.

`{"mon": [["09:00", "12:30"], ["13:15", "18:00"]], "fri": [["22:00", "06:00"]]}`; a weekday that
isn't named is closed, and ALWAYS in place of the week is open round the clock.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from zoneinfo import available_timezones

from apps.common.errors import DeskError

ALWAYS = "24/7"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60 * 60

Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]

TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CalendarError(DeskError, ValueError):
    """A calendar, or a question to it, that makes no sense; `field` names the part to correct."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@cache
def zones() -> frozenset[str]:
    """All zones of the IANA database that this machine knows."""
    return frozenset(available_timezones())


def read_zone(name: object) -> str:
    """Check that a zone exists."""
    if not isinstance(name, str) or name not in zones():
        raise CalendarError(
            f"{name!r} is no time zone: write one of the IANA names, like Europe/Berlin.",
            field="zone",
        )
    return name


def read_week(written: object) -> Week:
    """Return each weekday's spans in seconds from its midnight; the last may end past 24 hours.

    Spans of one day may touch, not overlap. What reaches into the next day may meet that day's
    own hours: a holiday takes away only what begins on it, so both are worth saying.
    """
    if written == ALWAYS:
        return (((0, DAY),),) * 7
    if not isinstance(written, Mapping):
        raise CalendarError(f'Write the week as hours a weekday, or "{ALWAYS}".', field="week")
    unknown = [str(day) for day in written if day not in WEEKDAYS]
    if unknown:
        raise CalendarError(
            f"{', '.join(unknown)}: the weekdays are {', '.join(WEEKDAYS)}.", field="week"
        )
    week = tuple(_read_day(day, written.get(day, ())) for day in WEEKDAYS)
    if not any(week):
        raise CalendarError(
            f'This calendar never opens: give a weekday its hours, or write "{ALWAYS}".',
            field="week",
        )
    return week


def read_dates(field: str, written: object) -> frozenset[date]:
    """Read days written as 2026-12-25."""
    if isinstance(written, str) or not isinstance(written, Sequence):
        raise CalendarError("Write the days as a list of dates.", field=field)
    return frozenset(_read_date(field, day) for day in written)


def _read_date(field: str, written: object) -> date:
    if isinstance(written, str) and DATE.fullmatch(written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            pass
    raise CalendarError(
        f"{written!r} is no date: write year, month and day, like 2026-12-25.", field=field
    )


def _read_day(day: str, written: object) -> tuple[Span, ...]:
    if isinstance(written, str) or not isinstance(written, Sequence):
        raise CalendarError('Write a day as a list of spans, like [["09:00", "17:00"]].', field=day)
    spans = sorted(_read_span(day, span) for span in written)
    for (opens, closes), (next_opens, next_closes) in pairwise(spans):
        if next_opens < closes:
            raise CalendarError(
                f"{_text(opens, closes)} and {_text(next_opens, next_closes)} overlap:"
                " write them as one span, or part them.",
                field=day,
            )
    return tuple(spans)


def _read_span(day: str, written: object) -> Span:
    """An end that is earlier than its beginning lies on the next day."""
    if isinstance(written, str) or not isinstance(written, Sequence) or len(written) != 2:
        raise CalendarError(
            f'{written!r}: write a span as two times, like ["09:00", "17:00"].', field=day
        )
    opens, closes = (_read_time(day, time) for time in written)
    if opens == DAY:
        raise CalendarError("24:00 only closes: a day that begins there opens at 00:00.", field=day)
    if opens == closes:
        raise CalendarError(
            f"{_text(opens, closes)} is no time at all: a whole day is 00:00-24:00.", field=day
        )
    return opens, closes if closes > opens else closes + DAY


def _read_time(day: str, written: object) -> int:
    if not isinstance(written, str) or not TIME.fullmatch(written):
        raise CalendarError(
            f"{written!r} is no time: write hours and minutes, like 09:00 or 24:00.", field=day
        )
    hours, minutes = written.split(":")
    return (int(hours) * 60 + int(minutes)) * 60


def _text(opens: int, closes: int) -> str:
    return "-".join(
        f"{time // 3600:02}:{time // 60 % 60:02}" for time in (opens, closes % DAY or DAY)
    )
