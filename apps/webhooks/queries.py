"""What the pages about webhooks show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.webhooks.models import Dispatch, Subscription


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finished attempt; `status` is None if nothing was answered."""

    at: datetime
    ms: int
    status: int | None
    said: str


def subscriptions() -> QuerySet[Subscription]:
    """Every subscription by name, with how many tellings wait and how many were given up."""
    return Subscription.objects.prefetch_related("teams").annotate(
        waiting=_count(Dispatch.State.WAITING), given_up=_count(Dispatch.State.GIVEN_UP)
    )


def failed() -> int:
    """How many subscriptions the desk itself switched off, and no admin has seen to yet."""
    return failed_subscriptions().count()


def failed_subscriptions() -> QuerySet[Subscription]:
    """Subscriptions that the desk itself switched off, and no admin has seen to yet."""
    return Subscription.objects.filter(is_failed=True)


def _count(state: Dispatch.State) -> Coalesce:
    """Count by the index of that state alone, however many were taken."""
    in_state = Dispatch.objects.filter(subscription=OuterRef("id"), state=state)
    counted = in_state.order_by().values("subscription").annotate(count=Count("id"))
    return Coalesce(Subquery(counted.values("count"), output_field=IntegerField()), 0)


def log(
    subscription: Subscription, *, state: str = "", before_id: int | None = None
) -> QuerySet[Dispatch]:
    """The tellings of a subscription, newest first; in one state, and older than one of them."""
    shown = subscription.dispatches.select_related("event").order_by("-id")
    if state:
        shown = shown.filter(state=state)
    return shown if before_id is None else shown.filter(id__lt=before_id)


def attempts(dispatch: Dispatch) -> Sequence[Attempt]:
    """The finished attempts at one telling, newest first."""
    return [
        Attempt(datetime.fromisoformat(one["at"]), one["ms"], one["status"], one["said"])
        for one in reversed(dispatch.history)
    ]
