"""Letters on their way: claimed, handed to the mail server outside any transaction, settled.

A letter whose server fell silent while it may have taken it is `unknown` and stays so: what it says
stands in the console too, and nobody is to get it twice.
"""

import smtplib
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from apps.agents.notifications import NotificationKind
from apps.conversations.models import Letter, Notification

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
LONGEST_BACKOFF_SECONDS = 300
LEASE = timedelta(minutes=2)
WAITING = (Letter.State.QUEUED, Letter.State.RETRY)


def oldest_due(*, at: datetime) -> datetime | None:
    """Since when a letter that could leave has been waiting; None when none is."""
    due = Letter.objects.filter(state__in=WAITING, not_before__lte=at).order_by("not_before")
    return due.values_list("not_before", flat=True).first()


def send_letters(*, most: int = 100) -> int:
    """Send what is due, one after the other; return how many attempts were made."""
    for attempts in range(most):
        letter = _claim(at=timezone.now())
        if letter is None:
            return attempts
        _attempt(letter)
    return most


def settle_silent(*, at: datetime) -> int:
    """Letters whose worker fell silent are unknown once their lease is over."""
    lost = Letter.objects.filter(state=Letter.State.IN_FLIGHT, attempted_at__lt=at - LEASE)
    return lost.update(state=Letter.State.UNKNOWN, error="Its worker fell silent.")


@transaction.atomic
def _claim(*, at: datetime) -> Letter | None:
    letter = (
        Letter.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related(
            "notification__recipient", "notification__conversation__channel", "notification__by"
        )
        .filter(state__in=WAITING, not_before__lte=at)
        .order_by("not_before", "notification")
        .first()
    )
    if letter is not None:
        letter.state = Letter.State.IN_FLIGHT
        letter.attempts += 1
        letter.attempted_at = at
        letter.save(update_fields=["state", "attempts", "attempted_at"])
    return letter


def _attempt(letter: Letter) -> None:
    """Only what the server itself said is certain; a connection that broke midway is not."""
    try:
        server = get_connection()
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        _put_off(letter, error)
        return
    try:
        _hand_over(letter, server)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        if _code(error) >= 500:
            _settle(letter, Letter.State.REFUSED, error)
        else:
            _put_off(letter, error)
    except (OSError, smtplib.SMTPException) as error:
        _settle(letter, Letter.State.UNKNOWN, error)
    else:
        _settle(letter, Letter.State.SENT)


def _hand_over(letter: Letter, server: BaseEmailBackend) -> None:
    notification = letter.notification
    subject, body = _written(notification)
    message = EmailMessage(
        subject,
        body,
        to=[notification.recipient.email],
        headers={"Message-ID": _message_id(notification)},
        connection=server,
    )
    try:
        message.send()
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.close()


def _message_id(notification: Notification) -> str:
    """The same for every attempt, so that mailboxes can tell a repetition."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<notification-{notification.pk}-{int(notification.at.timestamp())}@{host}>"


def _written(notification: Notification) -> tuple[str, str]:
    """Say it without a word or a name of the customer's: letters leave the desk."""
    where = f"#{notification.conversation_id} on {notification.conversation.channel.handle}"
    due = f"{timezone.localtime(notification.due_at):%H:%M}" if notification.due_at else ""
    match notification.kind:
        case NotificationKind.WARNING:
            subject = f"Due at {due}: {where}"
        case NotificationKind.BREACH:
            subject = f"Past due since {due}: {where}"
        case NotificationKind.PLEDGE:
            subject = f"A promise to a customer is due at {due}: {where}"
        case _:
            by = notification.by.name if notification.by else "A colleague"
            subject = f"{by} named you in a note: {where}"
    address = f"{settings.DESK_URL}/conversations/{notification.conversation_id}/"
    return subject, (
        f"{subject}\n\n{address}\n\n"
        f"You get this letter because your settings at {settings.DESK_NAME} say so:\n"
        f"{settings.DESK_URL}/me/\n"
    )


def _put_off(letter: Letter, error: Exception) -> None:
    if letter.attempts >= MOST_ATTEMPTS:
        _settle(letter, Letter.State.REFUSED, error)
        return
    seconds = min(LONGEST_BACKOFF_SECONDS, 2**letter.attempts)
    letter.not_before = timezone.now() + timedelta(seconds=seconds)
    _settle(letter, Letter.State.RETRY, error)


def _settle(letter: Letter, state: Letter.State, error: Exception | None = None) -> None:
    """A letter settled meanwhile, since this worker was silent for long, stays as it is."""
    said = "" if error is None else f"{type(error).__name__}: {error}"[:300]
    Letter.objects.filter(pk=letter.pk, state=Letter.State.IN_FLIGHT).update(
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
