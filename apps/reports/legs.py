"""Where the time of answers goes, leg by leg."""

from dataclasses import dataclass

from django.db.models import Avg, Count, Expression, F, Q
from django.db.models.functions import Extract

from apps.agents.models import User
from apps.conversations.models import Clock
from apps.reports.periods import Period
from apps.reports.queries import RESPONSES, Percentile, seen_by
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
    """All legs of the answers written here; `count` is how many there were."""

    count: int
    lines: list[Line]


def legs(*, user: User, period: Period) -> Legs:
    """Measure the legs of first and next responses that began in the period.

    The means add up to the mean wait; medians do not add up to anything.
    """
    measured = Clock.objects.filter(
        channel__in=seen_by(user),
        kind__in=RESPONSES,
        started_at__gte=period.starts_at,
        started_at__lt=period.ends_at,
        sent_at__isnull=False,
    ).annotate(**{leg: _seconds(leg) for leg in Leg})
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
