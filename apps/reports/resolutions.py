"""How long it took until contacts were resolved, and how much of that they were paused."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from apps.agents.models import User
from apps.conversations.models import Clock
from apps.reports.periods import Period
from apps.reports.promises import BREACHED, MET, past_due
from apps.reports.queries import Percentile, waits

_RESOLVED = Q(stop=Clock.Stop.RESOLVED)
_PAUSED = _RESOLVED & Q(paused_seconds__gt=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolutions:
    """Contacts that began in a range. Percentiles are seconds of wall time, pauses included.

    Of the `resolved` ones `paused` were paused, half of those no longer than `paused_p50`. Of the
    `running` ones `pausing` are paused now.
    """

    resolved: int
    running: int
    pausing: int
    p50: float | None
    p90: float | None
    paused: int
    paused_p50: float | None
    met: int
    breached: int
    past_due: int

    @property
    def compliance(self) -> float | None:
        """Share of the promises kept, 0 to 1, as for response times."""
        judged = self.met + self.breached + self.past_due
        return self.met / judged if judged else None


def resolutions(*, user: User, period: Period, at: datetime) -> Resolutions:
    """Measure the contacts that began in the period, as far as this person may see them."""
    found = waits(user=user, period=period, kind=Clock.Kind.RESOLUTION)
    return Resolutions(
        **found.aggregate(
            resolved=Count("id", filter=_RESOLVED),
            running=Count("id", filter=Q(stopped_at__isnull=True)),
            pausing=Count("id", filter=Q(paused_at__isnull=False)),
            p50=Percentile(0.5, "customer_seconds", filter=_RESOLVED),
            p90=Percentile(0.9, "customer_seconds", filter=_RESOLVED),
            paused=Count("id", filter=_PAUSED),
            paused_p50=Percentile(0.5, "paused_seconds", filter=_PAUSED),
            met=Count("id", filter=MET),
            breached=Count("id", filter=BREACHED),
            past_due=Count("id", filter=past_due(at)),
        )
    )
