"""Opening hours by name; every saving is a version of its own that never changes."""

import json
from datetime import datetime
from functools import lru_cache

import pgtrigger
from django.db import models

from apps.agents.models import User
from apps.sla.hours import Calendar


class BusinessHours(models.Model):
    """A named calendar that policies promise by."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "business hours"

    def __str__(self) -> str:
        return self.name

    def in_force(self, *, at: datetime) -> "BusinessHoursVersion":
        """The version by which a wait that begins at `at` is judged.

        The first holds from the beginning of time, later ones from their saving (clocks.md).
        """
        saved = self.versions.filter(saved_at__lte=at).order_by("-version").first()
        return saved or self.versions.earliest("version")


class BusinessHoursVersion(models.Model):
    """What was saved under the name, once and for all: clocks that it judged never move.

    `definition` holds zone, week, country, subdivision and own_days as they were entered, and
    public_days: the country's public holidays as they were known then, for the years from
    public_from to public_to.
    """

    business_hours = models.ForeignKey(
        BusinessHours, on_delete=models.PROTECT, related_name="versions"
    )
    version = models.PositiveIntegerField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    definition = models.JSONField()

    class Meta:
        ordering = ["business_hours", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["business_hours", "version"], name="business_hours_version_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="business_hours_version_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"version {self.version} of {self.business_hours_id}"

    def calendar(self) -> Calendar:
        """Return the arithmetic's side of it; equal definitions share what they worked out."""
        return _calendar(json.dumps(self.definition, sort_keys=True))


@lru_cache(maxsize=64)
def _calendar(definition: str) -> Calendar:
    entered = json.loads(definition)
    return Calendar.from_dict(
        {
            "zone": entered["zone"],
            "week": entered["week"],
            "holidays": [*entered["own_days"], *entered["public_days"]],
        }
    )
