"""Letters of figures, and how often somebody gets one."""

from django.db import models
from django.db.models import Q

from apps.common.letters import UNSETTLED, Posted


class Cadence(models.TextChoices):
    """How often somebody gets the dashboard's figures by e-mail."""

    DAILY = "daily", "Every morning, of the day before"
    WEEKLY = "weekly", "Every Monday, of the week before"


class Digest(Posted):
    """One person's letter of figures of the days from `first` to `last`, made once.

    Nobody gets two on one day, whatever they chose in between.
    """

    user = models.ForeignKey(
        "agents.User", on_delete=models.CASCADE, related_name="digests", db_index=False
    )
    cadence = models.CharField(max_length=6, choices=Cadence)
    first = models.DateField()
    last = models.DateField()
    made_on = models.DateField(help_text="The day, in the desk's zone, on which it was made.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "cadence", "first"], name="digest_once"),
            models.UniqueConstraint(fields=["user", "made_on"], name="digest_once_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=UNSETTLED), name="digest_unsettled"
            )
        ]

    def __str__(self) -> str:
        return f"{self.cadence} digest for {self.user_id}, {self.first} to {self.last}"
