"""Where the time of answers goes, leg by leg."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Avg, Count, Expression, F, Q
from django.db.models.functions import Extract

from apps.conversations.models import Clock
from apps.reports.choosing import Chosen, chosen
from apps.reports.counted import RESPONSES, waits
from apps.reports.exactly import Percentile
from apps.reports.histograms import BOUND
from apps.reports.parts import Dimension
from apps.reports.questions import Question
from apps.reports.sums import Sums, totals
from apps.sla.legs import Leg

Times = Mapping[str, float | None]
MARKS = ("started_at", "received_at", "assigned_at", "read_at", "sent_at", "stopped_at")


@dataclass(frozen=True, slots=True)
class Line:
    """One leg of the answers that were measured: seconds, and its share of all their time."""

    leg: Leg
    p50: float
    p90: float
    mean: float
    share: float


@dataclass(frozen=True, slots=True)
class Legs:
    """All legs of the answers written here; `count` is how many there were.

    Percentiles are exact where `bound` is 0, as an Answer's are.
    """

    count: int
    lines: list[Line]
    bound: float = 0.0


def legs(question: Question) -> Legs:
    """Measure the legs of first and next responses that began in the period, in wall time.

    The means add up to the mean wait; medians do not add up to anything.
    """
    rollups = chosen_for_legs(question)
    if rollups is None:
        return _legs(*_exactly(question), bound=0.0)
    found = totals(question, rollups.whole)
    sums = {leg: found.get(leg, Sums()) for leg in Leg}
    times = {leg: of_leg.times(in_open_hours=False) for leg, of_leg in sums.items()}
    return _legs(sums[Leg.DETECT].count, times, bound=BOUND)


def chosen_for_legs(question: Question) -> Chosen | None:
    """Return the rollups that tell of legs, which are kept by channel alone; None to count."""
    rollups = chosen(question, None, *Clock.Kind)
    is_kept = rollups and rollups.whole.dimension in {Dimension.ALL, Dimension.CHANNEL}
    return rollups if is_kept else None


def _exactly(question: Question) -> tuple[int, dict[Leg, Times]]:
    measured = (
        waits(question, *RESPONSES)
        .filter(sent_at__isnull=False)
        .annotate(**{leg: _seconds(leg) for leg in Leg})
    )
    found = measured.aggregate(
        count=Count("id"),
        **{f"{leg}_p50": Percentile(0.5, leg, filter=Q()) for leg in Leg},
        **{f"{leg}_p90": Percentile(0.9, leg, filter=Q()) for leg in Leg},
        **{f"{leg}_mean": Avg(leg) for leg in Leg},
    )
    names = ("p50", "p90", "mean")
    return found["count"], {leg: {name: found[f"{leg}_{name}"] for name in names} for leg in Leg}


def _legs(count: int, times: Mapping[Leg, Times], *, bound: float) -> Legs:
    if not count:
        return Legs(0, [])
    means = {leg: float(times[leg]["mean"] or 0) for leg in Leg}
    whole = sum(means.values())
    lines = [
        Line(
            leg,
            times[leg]["p50"] or 0.0,
            times[leg]["p90"] or 0.0,
            means[leg],
            means[leg] / whole if whole else 0.0,
        )
        for leg in Leg
    ]
    return Legs(count, lines, bound)


def _seconds(leg: Leg) -> Expression:
    place = list(Leg).index(leg)
    return Extract(F(MARKS[place + 1]) - F(MARKS[place]), "epoch")
