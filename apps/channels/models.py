"""Channels: one connected brand account on one network each."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.agents.models import Team, User
from apps.channels.connector import Connector
from apps.channels.credentials import EncryptedTextField
from apps.channels.registry import connector_for

SECRETS = ("webhook_secret", "previous_webhook_secret", "token")


def secrets_of(path: str) -> list[str]:
    """Return the fields to defer where rows lead to a channel by `path`.

    What is only shown needs no secret, and each would be decrypted for every row.
    """
    return [f"{path}__{name}" for name in SECRETS]


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Filters over the connected accounts."""

    def visible_to(self, user: User) -> Self:
        """Channels whose conversations this person may read: all but other teams' private ones."""
        if user.is_admin:
            return self
        return self.filter(models.Q(is_private=False) | models.Q(team__in=user.team_ids))

    def answered_by(self, user: User) -> Self:
        """Channels in whose queues this person works: their teams', an admin's all."""
        return self if user.is_admin else self.filter(team__in=user.team_ids)


class Channel(models.Model):
    """One connected brand account on one network."""

    network = models.CharField(max_length=20)
    account_id = models.CharField(max_length=500, help_text="The account's id on the network.")
    handle = models.CharField(max_length=200, help_text="As people write it: @acme.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="channels")
    is_private = models.BooleanField(default=False)
    base_url = models.URLField(blank=True)
    webhook_secret = EncryptedTextField(default="")
    previous_webhook_secret = EncryptedTextField(default="")
    token = EncryptedTextField(default="")
    skills = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="What an agent must be able to do to be given its conversations.",
    )
    last_delivery_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(
        null=True, help_text="Since when replies wait here, by an admin's decision."
    )

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["handle", "id"]
        constraints = [
            models.UniqueConstraint(fields=["network", "account_id"], name="channel_account_once")
        ]

    def __str__(self) -> str:
        return f"{self.handle} · {self.connector.label}"

    @property
    def connector(self) -> Connector:
        """The code that speaks this channel's network."""
        return connector_for(self.network)

    @property
    def webhook_secrets(self) -> list[str]:
        """Secrets a signature may be made with: two while one is being replaced."""
        return [s for s in (self.webhook_secret, self.previous_webhook_secret) if s]
