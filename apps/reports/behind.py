"""The conversations behind a figure, from the same waits that made it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from apps.conversations.models import Clock
from apps.reports.exactly import ANSWERED, DISMISSED
from apps.reports.promises import BREACHED, MET, past_due

PAGE = 50


class Standing(StrEnum):
    """How a wait stands: answered, still running, or ended without a reply being needed.

    And how its promise does: met, breached, or past due while it still runs.
    """

    ANSWERED = "answered"
    RUNNING = "running"
    DISMISSED = "dismissed"
    MET = "met"
    BREACHED = "breached"
    PAST_DUE = "past_due"

    @property
    def label(self) -> str:
        """As people read it."""
        return self.value.replace("_", " ")


STOPPED: dict[Standing, Q] = {
    Standing.ANSWERED: ANSWERED,
    Standing.DISMISSED: DISMISSED,
    Standing.MET: MET,
    Standing.BREACHED: BREACHED,
}


@dataclass(frozen=True, slots=True)
class Behind:
    """Some of the waits behind a figure, longest first; `count` is the figure itself."""

    count: int
    waits: list[Clock]
    next: Clock | None


def behind(
    found: QuerySet[Clock], standing: Standing, *, at: datetime, after: int | None = None
) -> Behind:
    """Return a page of the waits that stand so at that instant, going on after that clock's id.

    Raises Clock.DoesNotExist where that clock is not among them.
    """
    is_running = standing not in STOPPED
    running = past_due(at) if standing is Standing.PAST_DUE else Q(stop__isnull=True)
    counted = found.filter(running if is_running else STOPPED[standing])
    ordered = counted.select_related(
        "conversation__identity",
        "conversation__channel",
        "credited_to",
        "policy_version",
        "calendar_version__business_hours",
    )
    if is_running:
        ordered = ordered.order_by("started_at", "id")
    else:
        ordered = ordered.order_by("-customer_seconds", "-id")
    shown = list((_rest(ordered, is_running, after) if after else ordered)[: PAGE + 1])
    return Behind(counted.count(), shown[:PAGE], shown[PAGE - 1] if len(shown) > PAGE else None)


def _rest(ordered: QuerySet[Clock], is_running: bool, after: int) -> QuerySet[Clock]:
    last = ordered.get(id=after)
    if is_running:
        return ordered.filter(
            Q(started_at__gt=last.started_at) | Q(started_at=last.started_at, id__gt=last.pk)
        )
    return ordered.filter(
        Q(customer_seconds__lt=last.customer_seconds)
        | Q(customer_seconds=last.customer_seconds, id__lt=last.pk)
    )
