"""Pins: notes that stay on top of the brief, whoever helps the customer."""

from typing import Self

from django.db import models

from apps.agents.models import User
from apps.conversations.models.message import Message
from apps.customers.models import Customer


class PinQuerySet(models.QuerySet["Pin"]):
    """Filters over pins."""

    def about(self, customer: Customer) -> Self:
        """What is pinned about a customer, in conversations with any of their identities."""
        return self.filter(note__conversation__identity__customer=customer)


class Pin(models.Model):
    """That a note is pinned. It hangs on the note, and so goes where its conversation goes."""

    note = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="pin")
    pinned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    pinned_at = models.DateTimeField()

    objects = PinQuerySet.as_manager()

    def __str__(self) -> str:
        return f"pin of note {self.note_id}"
