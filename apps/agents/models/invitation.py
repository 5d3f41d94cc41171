"""Invitations: how somebody comes to have a place here."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from apps.agents.models.team import Team
from apps.agents.models.user import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters over invitations."""

    def open(self) -> Self:
        """Those that were neither accepted nor taken back, expired ones too."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def decided_by(self, user: User) -> Self:
        """Those this person may send again or take back: an admin all, a manager their own."""
        return self if user.is_admin else self.filter(invited_by=user)


class Invitation(models.Model):
    """Somebody's way into the desk: opened once, by whoever holds the link of its letter.

    The link's key is kept only as its SHA-256; sending again makes another one.
    """

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=User.Role)
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    key_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    letter_at = models.DateTimeField(null=True, help_text="When the mail server took its letter.")
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["agent", "manager", "admin"]), name="invitation_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    def has_expired(self, *, at: datetime) -> bool:
        """Whether its link opens nothing any more, until it is sent again."""
        return self.expires_at <= at
