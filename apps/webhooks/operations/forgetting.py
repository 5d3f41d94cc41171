"""The log reaches back some days: what is older is forgotten."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from apps.webhooks.models import Dispatch

AT_ONCE = 10_000


def forget_old(*, at: datetime) -> int:
    """Delete what is older than the log reaches, whatever still waits for an endpoint that is off
    included; returns how many tellings were forgotten. What is being tried stays.
    """
    forgotten = 0
    oldest = at - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    is_over = ~Q(state=Dispatch.State.WAITING) | Q(subscription__is_on=False)
    while True:
        old = Dispatch.objects.filter(is_over, created_at__lt=oldest).order_by("created_at")
        count, _ = Dispatch.objects.filter(id__in=old.values("id")[:AT_ONCE]).delete()
        forgotten += count
        if count < AT_ONCE:
            return forgotten
