"""Where the time of answers goes, leg by leg."""

from dataclasses import dataclass

from django.db.models import Avg, Count, Expression, F, Q
from django.db.models.functions import Extract

from apps.reports.counted import RESPONSES, waits
from apps.reports.exactly import Percentile
from apps.reports.questions import Question
from apps.sla.legs import Leg

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
    if not found["count"]:
        return Legs(0, [])
    whole = sum(found[f"{leg}_mean"] for leg in Leg)
    return Legs(
        found["count"],
        [
            Line(
                leg,
                found[f"{leg}_p50"],
                found[f"{leg}_p90"],
                mean := float(found[f"{leg}_mean"]),
                mean / float(whole) if whole else 0.0,
            )
            for leg in Leg
        ],
    )


def _seconds(leg: Leg) -> Expression:
    place = list(Leg).index(leg)
    return Extract(F(MARKS[place + 1]) - F(MARKS[place]), "epoch")
