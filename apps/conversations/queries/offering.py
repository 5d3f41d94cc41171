"""Tags and flags: those that are borne, and those that a person may choose among.

Of the latter each has `is_on`: whether it is borne now.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from apps.conversations.models import Conversation, ConversationTag
from apps.customers.models import Customer, CustomerFlag, Identity
from apps.labels.models import Flag, Label, Tag

LABEL = ("id", "name", "key", "colour", "is_retired")


@dataclass(frozen=True, slots=True)
class Borne:
    """Tags by the conversations, flags by the customers that bear them or brought them along when
    they were taken for one; each list by name.
    """

    tags: dict[int, list[Label]] = field(default_factory=dict)
    flags: dict[int, list[Label]] = field(default_factory=dict)

    def flags_of(self, identity: Identity) -> list[Label]:
        """Return those of the person whose handle it is, by whichever handle they were given."""
        return list(dict.fromkeys(self.flags.get(identity.customer_id, [])))


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be chosen, by name; of the retired only what is borne."""

    tags: list[Label] = field(default_factory=list)
    flags: list[Label] = field(default_factory=list)


def borne_by(conversations: Collection[Conversation]) -> Borne:
    """Return the tags of these conversations and the flags of their customers, in one statement."""
    customers = {c.identity.customer_id for c in conversations}
    tags = ConversationTag.objects.filter(conversation__in=[c.pk for c in conversations])
    own = CustomerFlag.objects.filter(customer__in=customers)
    brought = CustomerFlag.objects.filter(customer__guests__customer__in=customers)
    of_tag = [F(f"tag__{name}") for name in LABEL]
    of_flag = [F(f"flag__{name}") for name in LABEL]
    rows = tags.values_list(Value(False), F("conversation"), *of_tag).union(
        own.values_list(Value(True), F("customer"), *of_flag),
        brought.values_list(Value(True), F("customer__guests__customer"), *of_flag),
        all=True,
    )
    borne = Borne()
    for is_flag, bearer, *values in sorted(rows, key=lambda row: row[2 + LABEL.index("key")]):
        row = dict(zip(LABEL, values, strict=True))
        label: Label = Flag(**row) if is_flag else Tag(**row)
        (borne.flags if is_flag else borne.tags).setdefault(bearer, []).append(label)
    return borne


def labels_for(conversation: Conversation) -> Offered:
    """Return what a conversation may be tagged and its customer flagged, in one statement."""
    tags = _tags(conversation).annotate(is_flag=Value(False))
    flags = _flags(conversation.identity.customer).annotate(is_flag=Value(True))
    offered = Offered()
    found = tags.order_by().union(flags.order_by(), all=True).order_by("key")
    for values in found.values():
        row: dict[str, Any] = {**values}
        is_on, is_flag = row.pop("is_on"), row.pop("is_flag")
        label: Label = Flag(**row) if is_flag else Tag(**row)
        label.is_on = is_on  # type: ignore[attr-defined]
        (offered.flags if is_flag else offered.tags).append(label)
    return offered


def flags_for(customer: Customer) -> list[Label]:
    """Return what a customer may be flagged, by name; of the retired only what they bear."""
    return list(_flags(customer))


def _tags(conversation: Conversation) -> "QuerySet[Tag]":
    borne = ConversationTag.objects.filter(conversation=conversation, tag=OuterRef("id"))
    tags = Tag.objects.annotate(is_on=Exists(borne))
    return tags.filter(Q(is_retired=False) | Q(is_on=True))


def _flags(customer: Customer) -> "QuerySet[Flag]":
    borne = CustomerFlag.objects.of(customer).filter(flag=OuterRef("id"))
    flags = Flag.objects.annotate(is_on=Exists(borne))
    return flags.filter(Q(is_retired=False) | Q(is_on=True))
