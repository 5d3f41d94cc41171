"""Times at which somebody means to be on: pure arithmetic on the clock of a zone's walls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another; without an end, until further notice."""

    starts_at: datetime
    ends_at: datetime | None

    def a_week_later(self, zone: ZoneInfo) -> "Span":
        """The same by the wall's clock, seven days on, whatever the clocks do meanwhile."""
        return Span(
            _later(self.starts_at, zone),
            None if self.ends_at is None else _later(self.ends_at, zone),
        )


def weekly(
    *, day: date, begins: time, ends: time | None, zone: ZoneInfo, weeks: int
) -> Sequence[Span]:
    """Return the spans of so many weeks; one that ends no later than it begins ends the next day.

    Where the clocks skip it on one of the days, nothing is left of it: ValueError names the day.
    """
    spans = []
    for week in range(weeks):
        first = day + week * WEEK
        span = Span(
            datetime.combine(first, begins, zone),
            None
            if ends is None
            else datetime.combine(first + timedelta(days=ends <= begins), ends, zone),
        )
        if span.ends_at is not None and span.ends_at.timestamp() <= span.starts_at.timestamp():
            raise ValueError(f"On {first:%-d %B %Y} the clocks skip that time. Choose another one.")
        spans.append(span)
    return spans


def _later(at: datetime, zone: ZoneInfo) -> datetime:
    there = at.astimezone(zone).replace(tzinfo=None, fold=0)
    return (there + WEEK).replace(tzinfo=zone)
