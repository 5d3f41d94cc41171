"""Saved views: lists that people keep, for themselves or for their team."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.agents.models import Team, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Filters over saved views."""

    def seen_by(self, user: User) -> Self:
        """A person's own, and what is shared with their teams; an admin's all that are shared."""
        shared = Q(team__isnull=False) if user.is_admin else Q(team__in=user.team_ids)
        return self.filter(Q(owner=user) | shared)


class SavedView(models.Model):
    """A queue and what narrows it, under a name. Without a team it is its owner's alone."""

    LONGEST_NAME = 40

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=LONGEST_NAME)
    queue = models.CharField(max_length=12)
    given = models.JSONField(
        default=dict, help_text="What narrows it and its order, as an address says it."
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def is_kept_by(self, user: User) -> bool:
        """Whether this person may change or delete it: its owner, or who manages its team."""
        return self.owner_id == user.pk or (self.team is not None and user.manages(self.team))
