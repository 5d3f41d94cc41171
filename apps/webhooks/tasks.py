"""The doorbell of what programs outside are told."""

from celery import shared_task

from apps.common import bus
from apps.ledger.recording import OUTBOX_TASK
from apps.webhooks.operations import delivering


@shared_task(name=OUTBOX_TASK)
def deliver() -> None:
    """Tell what is due."""
    bus.answer(OUTBOX_TASK)
    delivering.deliver_due()
