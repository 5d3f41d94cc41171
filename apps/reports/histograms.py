"""Histograms of seconds: how many waits fell into each bucket, from which percentiles follow.

Buckets grow by the eighth root of two, about 9 %: the first holds what took less than a second,
the last all above a century. A histogram is one whole number whose groups of eight decimal digits
are the counts, those of the first bucket last. So PostgreSQL adds histograms as it adds numbers,
and so does Python.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor

RATIO = 2 ** (1 / 8)
BOUND = RATIO - 1
"""By how much the upper end of a bucket exceeds its lower end."""
BUCKETS = 256
DIGITS = 8
BEGINNINGS = [RATIO**place for place in range(BUCKETS - 1)]
"""Where each bucket but the first begins, in seconds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A percentile in seconds; the true one is at least `low` and at most `high`."""

    seconds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """So many waits in each bucket; `digits` are those of the whole number."""

    digits: str = "0"

    @classmethod
    def together(cls, histograms: Iterable["Histogram"]) -> "Histogram":
        """Add histograms."""
        return cls(str(sum(int(one.digits) for one in histograms)))

    def counts(self) -> list[tuple[int, int]]:
        """Return each bucket that holds something, with how much, shortest waits first."""
        digits = self.digits.zfill(-(-len(self.digits) // DIGITS) * DIGITS)
        empty = (len(digits) - len(digits.rstrip("0"))) // DIGITS
        starts = range(len(digits) - (empty + 1) * DIGITS, -1, -DIGITS)
        counts = [int(digits[start : start + DIGITS]) for start in starts]
        return [(place, count) for place, count in enumerate(counts, empty) if count]

    def percentiles(self, *shares: float) -> list[Estimate | None]:
        """Estimate percentiles as `percentile_cont` has them: between the two nearest ranks.

        Within a bucket waits are taken to lie evenly on its logarithmic scale.
        """
        found = self.counts()
        if not found:
            return [None for _ in shares]
        ends = list(accumulate([count for _, count in found]))
        return [self._between(share * (ends[-1] - 1), found, ends) for share in shares]

    def _between(self, rank: float, found: list[tuple[int, int]], ends: list[int]) -> Estimate:
        lower, part = _at(floor(rank), found, ends), rank - floor(rank)
        if not part:
            return lower
        upper = _at(ceil(rank), found, ends)
        rest = 1 - part
        return Estimate(
            rest * lower.seconds + part * upper.seconds,
            rest * lower.low + part * upper.low,
            rest * lower.high + part * upper.high,
        )


def _at(rank: int, found: list[tuple[int, int]], ends: list[int]) -> Estimate:
    """Estimate the wait that so many are shorter than."""
    index = bisect_right(ends, rank)
    place, count = found[index]
    low = BEGINNINGS[place - 1] if place else 0.0
    high = BEGINNINGS[min(place, BUCKETS - 2)]
    part = (rank - (ends[index] - count) + 0.5) / count
    return Estimate(low * (high / low) ** part if low else high * part, low, high)
