"""Doorbells of the conversations room: each calls one operation."""

from celery import shared_task

from apps.common import bus
from apps.conversations.operations import mailing, sending
from apps.conversations.operations.notifying import MAIL_TASK
from apps.conversations.operations.replying import SEND_TASK


@shared_task(name=SEND_TASK)
def send() -> None:
    """Send what is due."""
    bus.answer(SEND_TASK)
    sending.send_due()


@shared_task(name=MAIL_TASK)
def mail() -> None:
    """Send the letters that are due."""
    bus.answer(MAIL_TASK)
    mailing.send_letters()
