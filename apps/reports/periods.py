"""The range of days a report is about, in the desk's own zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def of_days(cls, days: int, *, at: datetime) -> "Period":
        """The `days` days that end with the day of `at`."""
        last = at.astimezone(zone()).date()
        return cls(last - timedelta(days=days - 1), last)

    @property
    def starts_at(self) -> datetime:
        """The first instant of the first day."""
        return datetime.combine(self.first, time.min, tzinfo=zone())

    @property
    def ends_at(self) -> datetime:
        """The first instant after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=zone())

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """Return the as many days just before it."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def next_month(day: date) -> date:
    """Return the first of the month after that day's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def zone() -> ZoneInfo:
    """The desk's zone, in which days begin and end."""
    return ZoneInfo(settings.TIME_ZONE)
