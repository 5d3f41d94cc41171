"""What changed since an instant, as the ledger tells it: ids, to be found among what one may read.

An instant is the desk's own, when it learned of something, not when that happened on a network.
What is found may read as before: the ledger tells that it was touched.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from apps.api.base import in_turn
from apps.api.instants import InstantFilter
from apps.conversations.models import Conversation, Message
from apps.conversations.operations.merging import MERGED
from apps.customers.models import Identity
from apps.ledger.models import Event

Rows = QuerySet[Any]
SINCE = "What changed at it or later, by the desk's clock."


class UpdatedSince(InstantFilter):
    """Finds rows that changed at an instant or later; `changed` narrows rows to these."""

    def __init__(self, changed: Callable[[Rows, datetime], Rows]) -> None:
        super().__init__(label=SINCE)
        self.changed = changed

    def filter(self, rows: Rows, instant: datetime | None) -> Rows:
        """Return those that changed, to be read in turn: they are few among many."""
        return rows if instant is None else in_turn(self.changed(rows, instant))


def touched(instant: datetime) -> QuerySet[Any, Any]:
    """Return the ids of conversations in which something happened, or that another ended in."""
    lately = Event.objects.filter(at__gte=instant)
    into = Cast(KeyTextTransform("into", "data"), BigIntegerField())
    joined = lately.filter(kind=MERGED).annotate(into=into).values("into")
    return lately.filter(conversation_id__isnull=False).values("conversation_id").union(joined)


def conversations_since(instant: datetime) -> QuerySet[Any, Any]:
    """Return the ids of conversations in which, or of whose customer, something is told."""
    theirs = Conversation.objects.filter(identity__in=identities_told_of(instant))
    return touched(instant).union(theirs.values("id"))


def messages_since(instant: datetime) -> QuerySet[Any, Any]:
    """Return the ids of messages that came in, or that something happened to."""
    came = Message.objects.filter(received_at__gte=instant).values("id")
    happened = Event.objects.filter(at__gte=instant, message_id__isnull=False)
    return came.union(happened.values("message_id"))


def identities_since(instant: datetime) -> QuerySet[Any, Any]:
    """Return the ids of identities with whom something happened, or of whom something is told."""
    return _talked_with(instant).values("identity").union(identities_told_of(instant))


def identities_told_of(instant: datetime) -> QuerySet[Any, Any]:
    """Return the ids of identities of whose customer something is told: who they are, flags."""
    return Identity.objects.filter(customer__in=_customers_told_of(instant)).values("id")


def customers_since(instant: datetime) -> QuerySet[Any, Any]:
    """Return the ids of customers with whom something happened, or of whom something is told."""
    return _talked_with(instant).values("identity__customer").union(_customers_told_of(instant))


def _talked_with(instant: datetime) -> QuerySet[Conversation]:
    return Conversation.objects.filter(id__in=touched(instant))


def _customers_told_of(instant: datetime) -> QuerySet[Any, Any]:
    told = Event.objects.filter(at__gte=instant, customer_id__isnull=False)
    return told.values("customer_id")
