"""Clocks: measured waits, the cache of `apps.sla.episodes`."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Extract

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.constraints import both_or_neither
from apps.conversations.models.conversation import RESPONSES, Conversation
from apps.conversations.models.message import Message
from apps.conversations.models.uncounted import noted_on_delete, noted_on_insert, noted_on_update
from apps.sla.legs import Leg, Marks, legs
from apps.sla.models import BusinessHoursVersion, PolicyVersion


class ClockQuerySet(models.QuerySet["Clock"]):
    """Filters over measured waits."""

    def promised(self) -> Self:
        """Waits for an answer that run and were promised an end."""
        runs = self.filter(stopped_at__isnull=True, kind__in=RESPONSES)
        return runs.filter(due_at__isnull=False)


class Clock(models.Model):
    """One measured wait of one conversation.

    `customer_seconds` is wall time from the customer's post to the stop, `desk_seconds` the whole
    ones of it within the open hours of its calendar (all of them without one); both are null while
    it runs. A resolution may be paused: its `desk_seconds` leave that out and its `due_at` moves,
    `customer_seconds` stay what the customer felt, and `paused_seconds` of wall time stand beside.
    A wait that ended with a reply written here has the marks of its legs, each within the wait and
    none before the one before it (`apps.sla.legs`).
    Which policy judges it was decided by the versions in force when it opened
    (`apps.sla.promises`). Whether it is breached is a comparison with `due_at`, never stored.
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
        Conversation,
        on_delete=models.PROTECT,
        related_name="clocks",
        db_index=False,
        db_constraint=False,
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="clocks", db_constraint=False
    )
    kind = models.CharField(max_length=14, choices=Kind)
    contact = models.PositiveIntegerField()
    position = models.PositiveIntegerField(help_text="Which of its kind within the contact.")
    started_at = models.DateTimeField(help_text="posted_at of the first unanswered message.")
    surface = models.CharField(
        max_length=8, default="", db_default="", help_text="Where that message was said."
    )
    language = models.CharField(
        max_length=35, default="", db_default="", help_text="In which language."
    )
    stopped_at = models.DateTimeField(null=True)
    stop = models.CharField(max_length=15, choices=Stop, null=True)
    reply = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    credited_to = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="credited_clocks",
        db_index=False,
    )
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True, help_text="When a share of the target has passed.")
    tell_at = models.DateTimeField(
        null=True,
        help_text="When people are next notified of it: a hint for the sweep, which then asks what"
        " they were told already.",
    )
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    calendar_version = models.ForeignKey(
        BusinessHoursVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    desk_seconds = models.BigIntegerField(null=True)
    received_at = models.DateTimeField(null=True, help_text="When the question reached the desk.")
    assigned_at = models.DateTimeField(null=True, help_text="When it was first assigned.")
    read_at = models.DateTimeField(
        null=True, help_text="When it was first opened, or a draft begun."
    )
    sent_at = models.DateTimeField(null=True, help_text="When the reply's author sent it.")
    paused_seconds = models.FloatField(
        default=0, db_default=0, help_text="Of ended pauses; resolutions only."
    )
    paused_at = models.DateTimeField(null=True, help_text="Since when it is paused now.")
    customer_seconds = models.GeneratedField(
        expression=Extract(F("stopped_at") - F("started_at"), "epoch"),
        output_field=models.FloatField(),
        db_persist=True,
    )

    objects = ClockQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=both_or_neither(Q(stopped_at__isnull=True), Q(desk_seconds__isnull=True)),
                name="clock_stopped_has_desk_seconds",
            ),
            models.CheckConstraint(
                condition=Q(kind="resolution") | Q(paused_seconds=0, paused_at__isnull=True),
                name="clock_only_resolutions_pause",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(stopped_at__isnull=True),
                name="clock_stopped_is_not_paused",
            ),
        ]
        indexes = [
            models.Index(
                fields=["credited_to", "stopped_at"],
                condition=Q(credited_to__isnull=False),
                name="clock_by_credit",
            ),
            models.Index(fields=["kind", "started_at"], name="clock_by_start"),
            models.Index(fields=["reply"], condition=Q(reply__isnull=False), name="clock_by_reply"),
            models.Index(
                fields=["channel", "due_at", "conversation"],
                condition=Q(
                    stopped_at__isnull=True,
                    due_at__isnull=False,
                    kind__in=["first_response", "next_response"],
                ),
                name="clock_due",
            ),
            models.Index(
                fields=["tell_at"],
                condition=Q(stopped_at__isnull=True, tell_at__isnull=False),
                name="clock_to_tell",
            ),
            models.Index(
                fields=["kind", "started_at"],
                condition=Q(stopped_at__isnull=True),
                name="clock_running",
            ),
        ]
        triggers = [
            noted_on_insert("clock_began", at="started_at"),
            noted_on_update("clock_changed", at="started_at"),
            noted_on_delete("clock_gone", at="started_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of #{self.conversation_id}"

    @property
    def legs(self) -> dict[Leg, timedelta]:
        """Where the time of an answered wait went; empty where it was not measured."""
        if self.sent_at is None or self.stopped_at is None:
            return {}
        marks = Marks(self.received_at, self.assigned_at, self.read_at, self.sent_at)
        return legs(marks, started_at=self.started_at, stopped_at=self.stopped_at)
