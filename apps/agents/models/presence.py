"""Whether people are there."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class Presence(models.Model):
    """Whether a person is there: what they chose, and when somebody last saw them at the desk.

    A table of its own, since the router holds locks on users while it decides.
    """

    class Standing(models.TextChoices):
        ON = "on", "On"
        AWAY = "away", "Away"
        OFF = "off", "Off"

    user = models.OneToOneField(
        "agents.User", on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    chosen = models.CharField(max_length=4, choices=Standing, default=Standing.ON)
    chosen_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Written at most once a minute.")
    away_at = models.DateTimeField(
        null=True, help_text="When silence makes them away; null where it never does."
    )

    class Meta:
        indexes = [models.Index(fields=["away_at"], name="presence_by_silence")]
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen__in=["on", "away", "off"]), name="presence_chosen_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.chosen}"

    def standing(self, *, at: datetime) -> Standing:
        """On, away or off at that instant."""
        is_silent = self.away_at is not None and self.away_at <= at
        chosen = self.Standing(self.chosen)
        return self.Standing.AWAY if is_silent and chosen is self.Standing.ON else chosen
