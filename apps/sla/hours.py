"""When a desk is open, and how long: the pure arithmetic of business hours (clocks.md).

Open is an instant whose wall time lies in a span of its own date, or in one that began the day
before and passes midnight; a span begun on a holiday is closed. Hours that a clock change
repeats count twice, hours that it skips not at all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache, partial
from itertools import accumulate
from typing import Self
from zoneinfo import ZoneInfo

from apps.sla.week import DAY, CalendarError, Span, Week, read_dates, read_week, read_zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.date().toordinal()
SECOND = 1_000_000

STRETCH = 28 * DAY
LENGTH = STRETCH * SECOND
KEPT_STRETCHES = 256  # twenty years of one calendar, two megabytes with three spans a day

# Bounds within which every zone's wall time still is a date.
FIRST = (datetime(2, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(seconds=STRETCH)
LAST = (datetime(9998, 12, 1, tzinfo=UTC) - EPOCH) // timedelta(seconds=STRETCH)


@dataclass(frozen=True)
class Calendar:
    """Opening hours in one zone: spans a weekday, Monday first, and dates that stay closed."""

    zone: str
    week: Week
    holidays: frozenset[date] = frozenset()

    @classmethod
    def from_dict(cls, written: Mapping[str, object]) -> Self:
        """Read `zone`, `week` and `holidays` as apps/sla/week.py has them.

        CalendarError, a ValueError, says what to correct; a calendar that never opens is refused.
        """
        unknown = sorted(written.keys() - {"zone", "week", "holidays"})
        if unknown:
            raise CalendarError(f"A calendar has zone, week and holidays, no {unknown[0]}.")
        return cls(
            zone=read_zone(written.get("zone")),
            week=read_week(written.get("week", {})),
            holidays=read_dates("holidays", written.get("holidays", ())),
        )

    @cached_property
    def stretch(self) -> "Callable[[int], Stretch]":
        """Return the n-th 28 days since 1970 began in UTC; the last used ones are kept."""
        closed = frozenset(day.toordinal() - EPOCH_DAY for day in self.holidays)
        build = partial(_stretch, ZoneInfo(self.zone), self.week, closed)
        return lru_cache(maxsize=KEPT_STRETCHES)(build)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The open time of 28 days, in microseconds of UTC: intervals in order that don't touch.

    `before` has one more entry than there are intervals: the open time before each, and in all.
    """

    opens: list[int]
    closes: list[int]
    before: list[int]

    @property
    def total(self) -> int:
        """All open time."""
        return self.before[-1]

    def open_until(self, instant: int) -> int:
        """Open time before the instant."""
        last = bisect_right(self.opens, instant) - 1
        if last < 0:
            return 0
        return self.before[last] + min(instant, self.closes[last]) - self.opens[last]

    def when_open_for(self, amount: int) -> int:
        """Return the earliest instant with so much open time before it: 0 < amount <= total."""
        last = bisect_left(self.before, amount) - 1
        return self.opens[last] + amount - self.before[last]


def elapsed(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Whole seconds between two aware instants at which the calendar is open."""
    return _open_time(start, end, calendar) // SECOND


def open_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Exactly how long it is open between two aware instants."""
    return timedelta(microseconds=_open_time(start, end, calendar))


def due_at(start: datetime, seconds: int, calendar: Calendar) -> datetime:
    """Return the earliest instant, in UTC, by which it was open for so long since `start`."""
    if seconds < 0:
        raise CalendarError(f"{seconds} seconds: give none, or more.")
    return _when_open_for(start, seconds * SECOND, calendar)


def put_off(instant: datetime, start: datetime, end: datetime, calendar: Calendar) -> datetime:
    """Return the instant, in UTC, that lies as much open time after `end` as `instant` does after
    `start`: what was due then, had the time from `start` to `end` not counted.
    """
    return _when_open_for(end, _open_time(start, instant, calendar), calendar)


def open_times(
    start: datetime, end: datetime, calendar: Calendar
) -> Iterator[tuple[datetime, datetime]]:
    """Yield when it is open between two aware instants, in UTC."""
    since, until = _microseconds(start), _microseconds(end)
    for number in range(since // LENGTH, until // LENGTH + 1):
        stretch = calendar.stretch(number)
        for opens, closes in zip(stretch.opens, stretch.closes, strict=True):
            first, last = max(opens, since), min(closes, until)
            if first < last:
                yield _instant(first), _instant(last)


def _open_time(start: datetime, end: datetime, calendar: Calendar) -> int:
    since, until = _microseconds(start), _microseconds(end)
    if until < since:
        raise CalendarError(f"The end {end.isoformat()} lies before the start {start.isoformat()}.")
    first, last = since // LENGTH, until // LENGTH
    microseconds = calendar.stretch(last).open_until(until) - calendar.stretch(first).open_until(
        since
    )
    for number in range(first, last):
        microseconds += calendar.stretch(number).total
    return microseconds


def _when_open_for(start: datetime, microseconds: int, calendar: Calendar) -> datetime:
    since = _microseconds(start)
    if not microseconds:
        return start.astimezone(UTC)
    number = since // LENGTH
    stretch = calendar.stretch(number)
    amount = microseconds + stretch.open_until(since)
    while amount > stretch.total:
        amount -= stretch.total
        number += 1
        stretch = calendar.stretch(number)
    return _instant(stretch.when_open_for(amount))


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _microseconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise CalendarError(f"{instant.isoformat()} has no zone: give an aware instant.")
    since = instant - EPOCH
    return (since.days * DAY + since.seconds) * SECOND + since.microseconds


def _stretch(zone: ZoneInfo, week: Week, closed: frozenset[int], number: int) -> Stretch:
    if not FIRST < number < LAST:
        raise CalendarError("Calendars reach from the year 3 to the year 9997, not further.")
    begins = number * STRETCH
    opens: list[int] = []
    closes: list[int] = []
    for since, until, offset in _offsets(zone, begins, begins + STRETCH):
        for start, end in _open_walls(week, closed, since + offset, until + offset):
            opened, closed_at = (start - offset) * SECOND, (end - offset) * SECOND
            if closes and opened <= closes[-1]:
                closes[-1] = max(closes[-1], closed_at)
            else:
                opens.append(opened)
                closes.append(closed_at)
    lengths = (end - start for start, end in zip(opens, closes, strict=True))
    return Stretch(opens, closes, list(accumulate(lengths, initial=0)))


def _open_walls(week: Week, closed: frozenset[int], since: int, until: int) -> Iterator[Span]:
    """Yield the open parts of [since, until) on the wall, where no clock change is in between.

    The day before is looked at as well: its last span may pass midnight.
    """
    for day in range(since // DAY - 1, (until - 1) // DAY + 1):
        if day in closed:
            continue
        for opens, closes in week[(day + 3) % 7]:  # 1970 began on a Thursday
            start, end = max(day * DAY + opens, since), min(day * DAY + closes, until)
            if start < end:
                yield start, end


def _offsets(zone: ZoneInfo, since: int, until: int) -> Iterator[tuple[int, int, int]]:
    """Cut [since, until) where the zone's distance from UTC changes.

    It is asked for once a day: no zone ever changed twice within one, as a test holds.
    """
    while since < until:
        offset, known = _offset(zone, since), since
        while known < until:
            asked = min(known + DAY, until)
            if _offset(zone, asked) != offset:
                break
            known = asked
        else:
            yield since, until, offset
            return
        change = _change(zone, offset, known, asked)
        yield since, change, offset
        since = change


def _change(zone: ZoneInfo, offset: int, known: int, asked: int) -> int:
    """Return the first second at which the offset is another one."""
    while asked - known > 1:
        middle = (known + asked) // 2
        if _offset(zone, middle) == offset:
            known = middle
        else:
            asked = middle
    return asked


def _offset(zone: ZoneInfo, instant: int) -> int:
    wall = (EPOCH + timedelta(seconds=instant)).astimezone(zone).replace(tzinfo=UTC)
    return (wall - EPOCH) // timedelta(seconds=1) - instant
