"""When people write, and how long an answer takes."""

from bisect import bisect
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from django.utils import timezone

# How much is written in each hour of the desk's local day, and on each weekday from Monday.
HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 13, 15, 15, 14, 14, 13, 13, 14, 15, 17, 19, 20, 17, 12, 7, 4)
WEEKDAYS = (1.15, 1.05, 1.0, 1.0, 1.05, 0.55, 0.5)
GROWTH = 0.35

NIGHT_BEGINS, NIGHT_ENDS = 23, 7
FASTEST, SLOWEST = 35.0, 20 * 3600.0
MISSED = 0.03


def arrivals(count: int, *, start: datetime, end: datetime, chance: Random) -> list[datetime]:
    """Return `count` instants, earliest first, spread as people write."""
    hours = int((end - start) / timedelta(hours=1))
    weights = [
        _busyness(start + timedelta(hours=hour)) * (1 + GROWTH * hour / hours)
        for hour in range(hours)
    ]
    reached = list(accumulate(weights))
    picks = sorted(chance.uniform(0, reached[-1]) for _ in range(count))
    return [
        start + timedelta(hours=bisect(reached, pick), seconds=chance.uniform(0, 3599))
        for pick in picks
    ]


def answer_seconds(
    chance: Random, *, progress: float, factor: float, at: datetime, may_be_missed: bool
) -> float:
    """How long a colleague takes: log-normal, faster from week to week, with a tail of hours.

    `progress` runs from 0 at the beginning of the history to 1 now. What `may_be_missed` is
    sometimes answered only much later.
    """
    median = 60 * (11.5 - 7 * progress)
    local = timezone.localtime(at).hour
    if local >= NIGHT_BEGINS or local < NIGHT_ENDS:
        factor *= 1.9
    if may_be_missed and chance.random() < MISSED:
        factor *= chance.uniform(4, 14)
    return min(SLOWEST, max(FASTEST, median * factor * chance.lognormvariate(0, 0.8)))


def reaction_seconds(chance: Random) -> float:
    """How long a customer takes to write back."""
    return min(6 * 3600.0, 25 + 60 * chance.lognormvariate(1.9, 1.1))


def lag(chance: Random) -> timedelta:
    """How long a post takes to reach the desk."""
    return timedelta(seconds=0.6 + min(4.0, chance.expovariate(1.4)))


def _busyness(at: datetime) -> float:
    there = timezone.localtime(at)
    return HOURS[there.hour] * WEEKDAYS[there.weekday()]
