"""Until when people put things off, in the desk's zone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

MORNING, EVENING = time(9), time(19)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Snooze:
    """One instant offered, and what people call it."""

    label: str
    until: datetime


def offered(now: datetime) -> list[Snooze]:
    """Return the usual instants as seen from `now`, soonest first."""
    here = timezone.localtime(now)
    offers = [Snooze("In an hour", _quarter(now + timedelta(hours=1)))]
    if here.hour < EVENING.hour:
        offers.append(Snooze("Later today", _quarter(now + timedelta(hours=3))))
    offers.append(Snooze("Tomorrow", _morning(here, days=1)))
    to_monday = 7 - here.weekday()
    if to_monday > 1:
        label = "Monday" if to_monday < 7 else "Next Monday"
        offers.append(Snooze(label, _morning(here, days=to_monday)))
    return offers


def _quarter(instant: datetime) -> datetime:
    """The next full quarter of an hour."""
    past = timedelta(
        minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond
    )
    return instant - past + QUARTER if past else instant


def _morning(here: datetime, *, days: int) -> datetime:
    return datetime.combine(here.date() + timedelta(days=days), MORNING, here.tzinfo)
