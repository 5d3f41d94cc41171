"""Pledges: what a named person promised a customer, and by when."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from apps.agents.models import User
from apps.common.constraints import both_or_neither
from apps.conversations.models.message import Message
from apps.customers.models import Customer, Identity


class PledgeQuerySet(models.QuerySet["Pledge"]):
    """Filters over pledges; one in a reply that was taken back was never made."""

    def made_to(self, customer: Customer) -> Self:
        """All that was promised to a customer, whoever they wrote to and as whom."""
        return self.filter(identity__customer=customer).exclude(
            message__state__in=[Message.State.UNDONE, Message.State.DISCARDED]
        )


class Pledge(models.Model):
    """A dated promise to a customer, in the words of a reply or a note; "promise" in the pages.

    It is the identity's it was made to, and so follows the customer over networks and agents, and
    stays with the identity if customers that were taken for one come apart. (What an answer's
    speed is judged by is a policy's promise: another thing.)
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        KEPT = "kept", "Kept"
        BROKEN = "broken", "Broken"
        WITHDRAWN = "withdrawn", "Marked by mistake"

    identity = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="pledges", db_index=False
    )
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="pledges", db_index=False
    )
    words = models.CharField(max_length=300, help_text="As they stand in the message.")
    due_at = models.DateTimeField()
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="pledges", db_index=False
    )
    made_at = models.DateTimeField()
    warn_at = models.DateTimeField(help_text="When whoever made it is reminded.")
    warned_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    settled_at = models.DateTimeField(null=True)
    settled_note = models.CharField(max_length=300, default="")

    objects = PledgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "words"], name="pledge_once"),
            models.CheckConstraint(
                condition=both_or_neither(Q(state="open"), Q(settled_at__isnull=True))
                & both_or_neither(Q(settled_at__isnull=True), Q(settled_by__isnull=True)),
                name="pledge_settled_by_a_person",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("made_at")), name="pledge_is_to_come"),
        ]
        indexes = [
            models.Index(fields=["identity", "due_at"], name="pledge_by_identity"),
            models.Index(
                fields=["warn_at"],
                condition=Q(state="open", warned_at__isnull=True),
                name="pledge_to_warn_of",
            ),
        ]

    def __str__(self) -> str:
        return f"pledge {self.pk}, {self.state}"
