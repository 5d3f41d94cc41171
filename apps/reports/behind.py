"""The conversations behind a figure, from the same waits that made it."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from apps.conversations.models import Clock

PAGE = 50


class Standing(StrEnum):
    """How a wait stands: answered, still running, or ended without a reply being needed."""

    ANSWERED = "answered"
    RUNNING = "running"
    DISMISSED = "dismissed"


STOPS: dict[Standing, str | None] = {
    Standing.ANSWERED: Clock.Stop.REPLY,
    Standing.RUNNING: None,
    Standing.DISMISSED: Clock.Stop.NO_REPLY_NEEDED,
}


@dataclass(frozen=True, slots=True)
class Behind:
    """Some of the waits behind a figure, longest first; `count` is the figure itself."""

    count: int
    waits: list[Clock]
    next: Clock | None


def behind(found: QuerySet[Clock], standing: Standing, *, after: int | None = None) -> Behind:
    """Return a page of the waits that stand so, going on after the clock with that id.

    Raises Clock.DoesNotExist where that clock is not among them.
    """
    counted = found.filter(stop=STOPS[standing]) if STOPS[standing] else found.filter(stop=None)
    ordered = counted.select_related(
        "conversation__identity", "conversation__channel", "credited_to"
    )
    if standing is Standing.RUNNING:
        ordered = ordered.order_by("started_at", "id")
    else:
        ordered = ordered.order_by("-customer_seconds", "-id")
    shown = list((_rest(ordered, standing, after) if after else ordered)[: PAGE + 1])
    return Behind(counted.count(), shown[:PAGE], shown[PAGE - 1] if len(shown) > PAGE else None)


def _rest(ordered: QuerySet[Clock], standing: Standing, after: int) -> QuerySet[Clock]:
    last = ordered.get(id=after)
    if standing is Standing.RUNNING:
        return ordered.filter(
            Q(started_at__gt=last.started_at) | Q(started_at=last.started_at, id__gt=last.pk)
        )
    return ordered.filter(
        Q(customer_seconds__lt=last.customer_seconds)
        | Q(customer_seconds=last.customer_seconds, id__lt=last.pk)
    )
