"""Tags and flags that a person may choose among, each with `is_on`: whether it is borne now."""

from django.db.models import Exists, OuterRef, Q

from apps.conversations.models import Conversation, ConversationTag
from apps.customers.models import Customer, CustomerFlag
from apps.labels.models import Flag, Label, Tag


def tags_for(conversation: Conversation) -> list[Label]:
    """Return what a conversation may be tagged, by name; of the retired only what it bears."""
    borne = ConversationTag.objects.filter(conversation=conversation, tag=OuterRef("id"))
    tags = Tag.objects.annotate(is_on=Exists(borne))
    return list(tags.filter(Q(is_retired=False) | Q(is_on=True)))


def flags_for(customer: Customer) -> list[Label]:
    """Return what a customer may be flagged, by name; of the retired only what they bear."""
    borne = CustomerFlag.objects.of(customer).filter(flag=OuterRef("id"))
    flags = Flag.objects.annotate(is_on=Exists(borne))
    return list(flags.filter(Q(is_retired=False) | Q(is_on=True)))
