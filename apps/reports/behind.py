"""The conversations behind a figure, from the same waits that made it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from apps.conversations.models import Clock
from apps.reports.exactly import ANSWERED, DISMISSED, PAUSED
from apps.reports.promises import BREACHED, MET, RUNNING, past_due

PAGE = 50


class Standing(StrEnum):
    """How a wait stands: answered, still running, or ended without a reply being needed.

    And how its promise does: met, breached, or past due while it still runs. What a share is of
    has a name too: of those that called for an answer, of those whose promise is judged.
    """

    ANSWERED = "answered"
    RUNNING = "running"
    DISMISSED = "dismissed"
    MET = "met"
    BREACHED = "breached"
    PAST_DUE = "past_due"
    ALL = "all"
    CALLED = "called"
    JUDGED = "judged"
    PAUSED = "paused"
    WRITTEN = "written"  # of either kind of response: answered by a reply written here

    @property
    def has_ended(self) -> bool:
        """Whether all that stand so ended: listed by how long it took, else by its beginning."""
        return self in STOPPED

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS.get(self.value, self.value.replace("_", " "))


_LABELS = {
    "all": "all of them",
    "called": "answered or still running",
    "judged": "judged by a promise",
    "written": "answered from here",
}
STOPPED: dict[Standing, Q] = {
    Standing.ANSWERED: ANSWERED,
    Standing.DISMISSED: DISMISSED,
    Standing.MET: MET,
    Standing.BREACHED: BREACHED,
    Standing.PAUSED: PAUSED,
    Standing.WRITTEN: Q(sent_at__isnull=False),
}


@dataclass(frozen=True, slots=True)
class Behind:
    """Some of the waits behind a figure; `count` is the figure itself, or what a share is of."""

    count: int
    waits: list[Clock]
    next: Clock | None


def behind(
    found: QuerySet[Clock], standing: Standing, *, at: datetime, after: int | None = None
) -> Behind:
    """Return a page of the waits that stand so at that instant, going on after that clock's id.

    Raises Clock.DoesNotExist where that clock is not among what is asked about.
    """
    has_ended = standing.has_ended
    counted = found.filter(STOPPED[standing] if has_ended else _open_ended(standing, at=at))
    ordered = counted.select_related(
        "conversation__identity",
        "conversation__channel",
        "credited_to",
        "policy_version",
        "calendar_version__business_hours",
    )
    if has_ended:
        ordered = ordered.order_by("-customer_seconds", "-id")
    else:
        ordered = ordered.order_by("started_at", "id")
    shown = list((_rest(found, ordered, has_ended, after) if after else ordered)[: PAGE + 1])
    return Behind(counted.count(), shown[:PAGE], shown[PAGE - 1] if len(shown) > PAGE else None)


def _open_ended(standing: Standing, *, at: datetime) -> Q:
    match standing:
        case Standing.PAST_DUE:
            return past_due(at)
        case Standing.CALLED:
            return ANSWERED | RUNNING
        case Standing.JUDGED:
            return MET | BREACHED | past_due(at)
        case Standing.ALL:
            return Q()
        case _:
            return RUNNING


def _rest(
    found: QuerySet[Clock], ordered: QuerySet[Clock], has_ended: bool, after: int
) -> QuerySet[Clock]:
    if not has_ended:
        last = found.get(id=after)  # it may have ended meanwhile
        return ordered.filter(
            Q(started_at__gt=last.started_at) | Q(started_at=last.started_at, id__gt=last.pk)
        )
    last = ordered.get(id=after)
    return ordered.filter(
        Q(customer_seconds__lt=last.customer_seconds)
        | Q(customer_seconds=last.customer_seconds, id__lt=last.pk)
    )
