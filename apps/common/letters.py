"""Letters on their way: claimed, handed to the mail server outside any transaction, settled.

A letter whose server fell silent while it may have taken it is `unknown` and stays so: what it says
stands in the console too, and nobody is to get it twice.
"""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.utils import timezone

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
LONGEST_BACKOFF_SECONDS = 300
LEASE = timedelta(minutes=2)


class State(models.TextChoices):
    """Where a letter is on its way."""

    QUEUED = "queued", "Queued"
    IN_FLIGHT = "in_flight", "In flight"
    RETRY = "retry", "To be tried again"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    UNKNOWN = "unknown", "Unknown"


WAITING = (State.QUEUED, State.RETRY)
UNSETTLED = ["queued", "in_flight", "retry"]


class Posted(models.Model):
    """A letter's way, for tables of letters: a row first, on its way later."""

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    attempted_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


L = TypeVar("L", bound=Posted)
Write = Callable[[L], EmailMessage | None]
"""Write a letter; None where by now there is nothing to say."""


def oldest_due(letters: models.QuerySet[L], *, at: datetime) -> datetime | None:
    """Since when a letter that could leave has been waiting; None when none is."""
    due = letters.filter(state__in=WAITING, not_before__lte=at).order_by("not_before")
    return due.values_list("not_before", flat=True).first()


def send_due(letters: models.QuerySet[L], write: Write[L], *, most: int = 100) -> int:
    """Send what is due, one after the other; return how many attempts were made."""
    for attempts in range(most):
        letter = _claim(letters, at=timezone.now())
        if letter is None:
            return attempts
        _attempt(letter, write)
    return most


def settle_silent(letters: models.QuerySet[L], *, at: datetime) -> int:
    """Letters whose worker fell silent are unknown once their lease is over."""
    lost = letters.filter(state=State.IN_FLIGHT, attempted_at__lt=at - LEASE)
    return lost.update(state=State.UNKNOWN, error="Its worker fell silent.")


@transaction.atomic
def _claim(letters: models.QuerySet[L], *, at: datetime) -> L | None:
    letter = (
        letters.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(state__in=WAITING, not_before__lte=at)
        .order_by("not_before", "pk")
        .first()
    )
    if letter is not None:
        letter.state = State.IN_FLIGHT
        letter.attempts += 1
        letter.attempted_at = at
        letter.save(update_fields=["state", "attempts", "attempted_at"])
    return letter


def _attempt(letter: L, write: Write[L]) -> None:
    """Only what the server itself said is certain; a connection that broke midway is not."""
    message = write(letter)
    if message is None:
        _settle(letter, State.SENT)
        return
    try:
        server = get_connection()
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        _put_off(letter, error)
        return
    try:
        _hand_over(message, server)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        if _code(error) >= 500:
            _settle(letter, State.REFUSED, error)
        else:
            _put_off(letter, error)
    except (OSError, smtplib.SMTPException) as error:
        _settle(letter, State.UNKNOWN, error)
    else:
        _settle(letter, State.SENT)


def _hand_over(message: EmailMessage, server: BaseEmailBackend) -> None:
    message.connection = server
    try:
        message.send()
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.close()


def _put_off(letter: Posted, error: Exception) -> None:
    if letter.attempts >= MOST_ATTEMPTS:
        _settle(letter, State.REFUSED, error)
        return
    seconds = min(LONGEST_BACKOFF_SECONDS, 2**letter.attempts)
    letter.not_before = timezone.now() + timedelta(seconds=seconds)
    _settle(letter, State.RETRY, error)


def _settle(letter: Posted, state: State, error: Exception | None = None) -> None:
    """A letter settled meanwhile, since this worker was silent for long, stays as it is."""
    said = "" if error is None else f"{type(error).__name__}: {error}"[:300]
    type(letter)._default_manager.filter(pk=letter.pk, state=State.IN_FLIGHT).update(
        state=state, error=said, not_before=letter.not_before
    )
    if error is not None:
        log.warning(
            "letter_not_sent", letter=letter.pk, state=str(state), error=type(error).__name__
        )


def _code(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> int:
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code
    return min((code for code, _ in error.recipients.values()), default=550)
