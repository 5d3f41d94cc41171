"""Clocks: measured waits, the cache of `apps.sla.episodes`."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Extract

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.constraints import both_or_neither
from apps.conversations.models.conversation import Conversation
from apps.conversations.models.message import Message


class Clock(models.Model):
    """One measured wait of one conversation.

    `customer_seconds` is wall time from the customer's post to the stop, null while it runs.
    """

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response", "First response"
        NEXT_RESPONSE = "next_response", "Next response"
        RESOLUTION = "resolution", "Resolution"

    class Stop(models.TextChoices):
        REPLY = "reply", "Answered"
        NO_REPLY_NEEDED = "no_reply_needed", "No reply needed"
        RESOLVED = "resolved", "Resolved"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=14, choices=Kind)
    contact = models.PositiveIntegerField()
    position = models.PositiveIntegerField(help_text="Which of its kind within the contact.")
    started_at = models.DateTimeField(help_text="posted_at of the first unanswered message.")
    stopped_at = models.DateTimeField(null=True)
    stop = models.CharField(max_length=15, choices=Stop, null=True)
    reply = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    credited_to = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="credited_clocks"
    )
    due_at = models.DateTimeField(null=True)
    customer_seconds = models.GeneratedField(
        expression=Extract(F("stopped_at") - F("started_at"), "epoch"),
        output_field=models.FloatField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "contact", "position"], name="clock_once"
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(stopped_at__isnull=True)
                & Q(kind__in=["first_response", "next_response"]),
                name="clock_one_wait_at_a_time",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(stopped_at__isnull=True), Q(stop__isnull=True)),
                name="clock_stop_has_a_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "started_at"], name="clock_by_start"),
            models.Index(
                fields=["started_at"],
                condition=Q(stopped_at__isnull=True),
                name="clock_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of #{self.conversation_id}"
