"""Business hours as a child would count them: minute by minute, asking the wall each time.

It shares nothing with `apps.sla.hours`: no intervals, no offsets, only what the local clock and
calendar show at each minute; at each second where the minute is not one of the wall's, as with the
offsets of minutes and seconds that zones once had.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


class Told(TypedDict):
    zone: str
    week: dict[str, list[list[str]]]
    holidays: list[str]


@dataclass(frozen=True)
class Counted:
    """The open minutes between two instants, cut where the first and the last begin and end."""

    start: datetime
    stretches: list[tuple[datetime, datetime]]

    def elapsed(self) -> int:
        return sum((ends - begins) // SECOND for begins, ends in self.stretches)

    def due_at(self, seconds: int) -> datetime:
        if seconds == 0:
            return self.start
        left = timedelta(seconds=seconds)
        for begins, ends in self.stretches:
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
        raise AssertionError("not due in the time that was counted")


def count(start: datetime, end: datetime, told: Told) -> Counted:
    zone = ZoneInfo(told["zone"])
    spans = [[(_minutes(a), _minutes(b)) for a, b in told["week"].get(day, [])] for day in DAYS]
    minute = start.replace(second=0, microsecond=0)
    wall = _wall(minute, zone)
    stretches = []
    while minute < end:
        step, soon = MINUTE, _wall(minute + MINUTE, zone)
        if wall.second or soon - wall != MINUTE:
            step, soon = SECOND, _wall(minute + SECOND, zone)
        if minute + step > start and _is_open(wall, spans, told["holidays"]):
            stretches.append((max(minute, start), min(minute + step, end)))
        minute, wall = minute + step, soon
    return Counted(start, stretches)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _is_open(local: datetime, spans: list[list[tuple[int, int]]], holidays: list[str]) -> bool:
    clock, weekday = local.hour * 60 + local.minute, local.weekday()
    since_today = any(
        opens <= clock and (clock < closes or closes <= opens) for opens, closes in spans[weekday]
    )
    if since_today and str(local.date()) not in holidays:
        return True
    since_yesterday = any(
        closes <= opens and clock < closes for opens, closes in spans[(weekday - 1) % 7]
    )
    return since_yesterday and str(local.date() - timedelta(days=1)) not in holidays


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
