"""Policies: what is promised to whom; every saving is a version of its own that never changes."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.agents.models import Team, User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.labels.models import Flag, Priority, Tag
from apps.sla.episodes import Kind
from apps.sla.models.business_hours import BusinessHours

LONGEST_MINUTES = 30 * 24 * 60


def target_field(label: str) -> "models.PositiveIntegerField[int | None, int | None]":
    """A target in minutes of open time, up to 30 days; null promises nothing of that kind."""
    return models.PositiveIntegerField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
    )


class Policy(models.Model):
    """A place in the ordered list of promises; what it says, its versions say."""

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"policy {self.pk}"


class PolicyVersion(models.Model):
    """What a policy says: for whom, how fast, by which hours, and where in the list it stands.

    The first policy that fits judges a wait. Its first version holds from the beginning of time,
    later ones from their saving, for waits that open afterwards (clocks.md).
    """

    SURFACES = [(str(s), s.capitalize()) for s in Surface if s not in {"found", "follow"}]

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.PositiveIntegerField(help_text="Its place in the list, smallest first.")
    is_retired = models.BooleanField(default=False)
    name = models.CharField(max_length=80)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    surface = models.CharField(max_length=8, choices=SURFACES, default="", blank=True)
    priority = models.CharField(
        max_length=6, choices=Priority, default="", db_default="", blank=True
    )
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    flag = models.ForeignKey(
        Flag, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_response_minutes = target_field("First response")
    next_response_minutes = target_field("Next response")
    resolution_minutes = target_field("Resolution")
    business_hours = models.ForeignKey(
        BusinessHours, on_delete=models.PROTECT, null=True, blank=True, related_name="policies"
    )
    warn_percent = models.PositiveSmallIntegerField(
        "Warn at",
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text="After how much of the target a wait counts as at risk, in per cent.",
    )

    class Meta:
        ordering = ["policy", "version"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=Q(first_response_minutes__isnull=False)
                | Q(next_response_minutes__isnull=False)
                | Q(resolution_minutes__isnull=False),
                name="policy_promises_something",
                violation_error_message="Promise something: give at least one target in minutes.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="policy_version_stays", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    def clean(self) -> None:
        """A channel and a team that never meet fit nobody."""
        if self.channel and self.team and self.channel.team_id != self.team_id:
            raise ValidationError(
                f"{self.channel} belongs to {self.channel.team}: choose one of channel and team."
            )

    @property
    def teams(self) -> list[Team]:
        """Whose conversations it is only for; none where it may be anybody's."""
        return [team for team in (self.team, self.channel and self.channel.team) if team]

    @property
    def targets(self) -> dict[Kind, int | None]:
        """Minutes of each kind, None where nothing is promised."""
        return {
            Kind.FIRST_RESPONSE: self.first_response_minutes,
            Kind.NEXT_RESPONSE: self.next_response_minutes,
            Kind.RESOLUTION: self.resolution_minutes,
        }

    def may_be_decided_by(self, user: User) -> bool:
        """Managers decide for their own teams, admins for everybody."""
        return user.is_admin or (
            bool(self.teams) and all(user.manages(team) for team in self.teams)
        )
