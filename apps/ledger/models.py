"""The append-only ledger: who did what to which conversation, when."""

import pgtrigger
from django.db import models
from django.db.models import Q


class Event(models.Model):
    """One line of the ledger.

    Subjects are plain integers, so that a line outlives what it speaks of; `data` holds ids,
    reasons and figures, never a customer's text. The database refuses UPDATE and DELETE.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    by_id = models.BigIntegerField(null=True)
    conversation_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["conversation_id", "id"], name="event_by_conversation"),
            models.Index(
                fields=["customer_id", "id"],
                condition=Q(customer_id__isnull=False),
                name="event_by_customer",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"
