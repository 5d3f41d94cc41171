"""Square's doorbell."""

from celery import shared_task
from django.utils import timezone

from apps.common import bus
from apps.square import operations
from apps.square.operations.posting import DELIVER


@shared_task(name=DELIVER)
def deliver() -> None:
    """Carry notices to brands until none is due."""
    bus.answer(DELIVER)
    while operations.deliver_due(at=timezone.now()):
        pass
