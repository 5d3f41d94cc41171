"""What the desk notifies people of."""

from django.db import models


class NotificationKind(models.TextChoices):
    """Why somebody is notified; the labels are the words of their settings."""

    WARNING = "warning", "An answer is due soon"
    BREACH = "breach", "An answer is past due"
    MENTION = "mention", "A colleague names you in a note"
    PLEDGE = "pledge", "A promise to a customer is due soon"
    WEBHOOK = "webhook", "The desk switched a webhook off"


FOR_ADMINS = frozenset({NotificationKind.WEBHOOK})


def mailed_at_first() -> list[str]:
    """What somebody gets letters about until they decide: what nobody may find out too late."""
    return [NotificationKind.WEBHOOK.value]
