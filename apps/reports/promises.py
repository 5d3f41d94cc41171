"""Promises kept and broken: comparisons of `due_at` with the stop, never a stored flag."""

from datetime import datetime

from django.db.models import F, Q

RUNNING = Q(stopped_at__isnull=True)
MET = Q(stopped_at__lte=F("due_at"))
BREACHED = Q(stopped_at__gt=F("due_at"))


def past_due(at: datetime) -> Q:
    """Waits that still run though they were promised to have ended before `at`."""
    return RUNNING & Q(due_at__lt=at)
