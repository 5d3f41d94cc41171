"""The letter that invites somebody: handed to the mail server outside any transaction."""

import smtplib
from datetime import datetime

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from apps.agents.models import Invitation

log = structlog.get_logger(__name__)


def send_invitation(*, invitation: Invitation, address: str, at: datetime) -> bool:
    """Send the link to whoever is invited; returns whether the mail server took the letter.

    What it did not take is sent again by a person, with a new link.
    """
    until = f"{timezone.localtime(invitation.expires_at):%d %B %Y, %H:%M}"
    letter = EmailMessage(
        f"{invitation.invited_by.name} invites you to {settings.DESK_NAME}",
        f"{invitation.invited_by.name} ({invitation.invited_by.email}) invites you to work at "
        f"{settings.DESK_NAME} as {_article(invitation)}.\n\n"
        f"Choose your name and password here:\n\n{address}\n\n"
        f"The link opens the desk once, until {until} ({settings.TIME_ZONE}). It is yours alone: "
        "do not pass it on. If you expected no invitation, do nothing.\n",
        to=[invitation.email],
    )
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("invitation_not_sent", invitation=invitation.pk, error=type(error).__name__)
        return False
    Invitation.objects.filter(id=invitation.pk, key_sha256=invitation.key_sha256).update(
        letter_at=at
    )
    return True


def go_nowhere() -> bool:
    """Whether this desk has no mail server yet, so that letters are only printed in its log."""
    return str(settings.EMAIL_BACKEND).endswith("console.EmailBackend")


def _article(invitation: Invitation) -> str:
    role = invitation.get_role_display().lower()
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
