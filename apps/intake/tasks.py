"""The doorbell of what comes in."""

from celery import shared_task

from apps.common import bus
from apps.intake import operations


@shared_task(name=operations.DRAIN_TASK)
def drain() -> None:
    """Take in what waits."""
    bus.answer(operations.DRAIN_TASK)
    operations.drain()
