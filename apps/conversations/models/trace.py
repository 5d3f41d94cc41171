"""Traces: by what customers can be known again, so that two identities of one are found."""

from django.db import models

from apps.conversations.models.message import Message
from apps.customers.models import Identity


class Trace(models.Model):
    """Something that names one person, and the first message in which an identity told it."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=300, help_text="As `apps.customers.told.key` spells it.")
    identity = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="traces", db_index=False
    )
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "identity"], name="trace_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of identity {self.identity_id}"


class TracesRead(models.Model):
    """Up to which message traces were looked for: one row."""

    message_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "traces read"

    def __str__(self) -> str:
        return f"up to message {self.message_id}"
