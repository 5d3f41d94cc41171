"""Programs that call, and what was answered to a request with an Idempotency-Key."""

from allauth.idp.oidc.models import Client
from django.db import models


class Program(models.Model):
    """A client, and when it called last."""

    client = models.OneToOneField(
        Client, on_delete=models.CASCADE, primary_key=True, related_name="program"
    )
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.client_id)


class Answered(models.Model):
    """One request of one caller under one key; `asked` is the hash of what it asked."""

    caller = models.CharField(max_length=120, help_text="The person, or the program.")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "answered"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="answered_once")]
        indexes = [models.Index(fields=["at"], name="answered_by_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"
