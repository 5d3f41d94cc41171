"""Letters that say a notification: which are due, and what they say."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone

from apps.agents.notifications import NotificationKind
from apps.common import letters
from apps.conversations.models import Conversation, Letter, Notification


def oldest_due(*, at: datetime) -> datetime | None:
    """Since when a letter that could leave has been waiting; None when none is."""
    return letters.oldest_due(Letter.objects.all(), at=at)


def send_letters(*, most: int = 100) -> int:
    """Send what is due, one after the other; return how many attempts were made."""
    return letters.send_due(_told(), _write, most=most)


def settle_silent(*, at: datetime) -> int:
    """Letters whose worker fell silent are unknown once their lease is over."""
    return letters.settle_silent(Letter.objects.all(), at=at)


def _told() -> QuerySet[Letter]:
    return Letter.objects.select_related(
        "notification__recipient", "notification__conversation__channel", "notification__by"
    )


def _write(letter: Letter) -> EmailMessage:
    notification = letter.notification
    subject, address = _said(notification)
    return EmailMessage(
        " ".join(subject.split()),  # a header is one line, whatever people call a thing
        f"{subject}\n\n{address}\n\n"
        f"You get this letter because your settings at {settings.DESK_NAME} say so:\n"
        f"{settings.DESK_URL}/me/\n",
        to=[notification.recipient.email],
        headers={"Message-ID": _message_id(notification)},
    )


def _message_id(notification: Notification) -> str:
    """The same for every attempt, so that mailboxes can tell a repetition."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<notification-{notification.pk}-{int(notification.at.timestamp())}@{host}>"


def _said(notification: Notification) -> tuple[str, str]:
    """Say it, and where more of it stands."""
    if notification.conversation is None:
        said = f"Webhook switched off: {notification.about}. {notification.why}"
        return said, f"{settings.DESK_URL}/settings/webhooks/{notification.about_id}/"
    said = _said_of(notification, notification.conversation)
    return said, f"{settings.DESK_URL}/conversations/{notification.conversation_id}/"


def _said_of(notification: Notification, conversation: Conversation) -> str:
    """Say it without a word or a name of the customer's: letters leave the desk."""
    where = f"#{conversation.pk} on {conversation.channel.handle}"
    due = f"{timezone.localtime(notification.due_at):%H:%M}" if notification.due_at else ""
    match notification.kind:
        case NotificationKind.WARNING:
            return f"Due at {due}: {where}"
        case NotificationKind.BREACH:
            return f"Past due since {due}: {where}"
        case NotificationKind.PLEDGE:
            return f"A promise to a customer is due at {due}: {where}"
        case _:
            by = notification.by.name if notification.by else "A colleague"
            return f"{by} named you in a note: {where}"
