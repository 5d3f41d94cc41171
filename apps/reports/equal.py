"""Equal wait: whether some people clearly wait longer than others, or are answered less often.

A group is spoken of only where chance is a poor explanation. It must have at least FEWEST waits
that were measured, and differ from all together by enough to matter and by more than chance would
make of so few, at odds of about one in a thousand (Z) for a group that in truth is like all:

- clearly longer: its median is at least LONGER times that of all and a minute more, and the lower
  end of the median's interval still lies above it. The interval takes waits for log-normal, whose
  spread the median and p90 tell, the group's own or that of all if it is wider (so few may seem
  more alike than they are): ± Z × 1.2533 × spread / √n of the logarithm.
- clearly less often answered: its share is at least FEWER below that of all, and so is the upper
  end of its interval (Wilson).

All together includes the group, which makes the comparison a cautious one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from apps.reports.figures import Figures

FEWEST = 30
LONGER = 1.25
LONGER_SECONDS = 60
FEWER = 0.05
Z = 3.29
_MEDIAN_ERROR = 1.2533
_P90 = 1.2816


@dataclass(frozen=True, slots=True)
class Unequal:
    """A group that clearly waits longer, or is less often answered; `times` longer by the median.

    Where one of the two is not so, it is None.
    """

    line: Figures
    times: float | None
    fewer: float | None


def unequal(lines: Sequence[Figures], total: Figures) -> list[Unequal]:
    """Return the groups that clearly fare worse than all together, in their order."""
    found = [Unequal(one, longer(one, total), less_answered(one, total)) for one in lines]
    return [one for one in found if one.times is not None or one.fewer is not None]


def longer(line: Figures, total: Figures) -> float | None:
    """How many times as long this group waits, where it clearly waits longer; else None."""
    if line.count < FEWEST or not line.p50 or not line.p90 or not total.p50:
        return None
    spread = max(_spread(line), _spread(total))
    lowest = line.p50 * exp(-Z * _MEDIAN_ERROR * spread / sqrt(line.count))
    matters = line.p50 >= max(LONGER * total.p50, total.p50 + LONGER_SECONDS)
    return line.p50 / total.p50 if matters and lowest > total.p50 else None


def _spread(line: Figures) -> float:
    """Of the logarithms, as log-normal times have it."""
    return log(line.p90 / line.p50) / _P90 if line.p50 and line.p90 else 0.0


def less_answered(line: Figures, total: Figures) -> float | None:
    """By how much this group's share is lower, where it clearly is; else None."""
    called = line.count + line.running
    ours, all_ = line.answered_share, total.answered_share
    if called < FEWEST or ours is None or all_ is None:
        return None
    matters = all_ - ours >= FEWER
    return all_ - ours if matters and _highest(ours, called) < all_ else None


def _highest(share: float, number: int) -> float:
    """The upper end of Wilson's interval."""
    middle = share + Z * Z / (2 * number)
    reach = Z * sqrt(share * (1 - share) / number + Z * Z / (4 * number * number))
    return (middle + reach) / (1 + Z * Z / number)
