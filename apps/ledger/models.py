"""The append-only ledger: who did what to which conversation, when."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

IS_DEED = Q(by_id__isnull=False) | Q(command__isnull=False)
"""What people did, not the desk by itself."""


class Event(models.Model):
    """One line of the ledger.

    Subjects are plain integers, so that a line outlives what it speaks of; `data` holds ids,
    reasons and figures, never a customer's text. The database refuses UPDATE and DELETE.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    by_id = models.BigIntegerField(null=True)
    command = models.CharField(
        max_length=40,
        null=True,
        help_text="By which command on the desk's machine, where nobody signs in.",
    )
    conversation_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True, help_text="Whose it was then.")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["conversation_id", "id"], name="event_by_conversation"),
            models.Index(
                fields=["customer_id", "id"],
                condition=Q(customer_id__isnull=False),
                name="event_by_customer",
            ),
            # Events come in the order of their instants, so a few pages of this find any of them.
            BrinIndex(fields=["at"], pages_per_range=16, autosummarize=True, name="event_by_at"),
            # What people did, for the audit; what the desk does by itself costs nothing here.
            *(
                models.Index(
                    fields=[*fields, "at", "id"],
                    condition=IS_DEED,
                    name=f"deed_of_{'_'.join(fields) or 'all'}",
                )
                for fields in ([], ["by_id"], ["kind"], ["user_id"])
            ),
            models.Index(
                fields=["at", "id"], condition=Q(command__isnull=False), name="deed_by_command"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"


class Outbox(models.Model):
    """An event that somebody outside wants to hear of, until the webhooks have taken it up.

    Written with the event, in the same statement; the ledger itself never changes.
    """

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name_plural = "outbox"

    def __str__(self) -> str:
        return f"event {self.event_id} on its way out"


class Interest(models.Model):
    """A kind of event that somebody outside wants to hear of; of one team, or of whatever team."""

    kind = models.CharField(max_length=40)
    team_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "team_id"], name="interest_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.team_id or 'whatever team'}"
