"""A conversation as programs read it, and what they may ask of many."""

from django.db.models import DateTimeField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.models import User
from apps.api.changes import UpdatedSince, conversations_since
from apps.api.fields import IdFilter
from apps.conversations.models import Conversation
from apps.labels.models import Priority, Tag
from apps.ledger.models import Event


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """One identity's part of one thread on one channel."""

    updated_at = serializers.DateTimeField(help_text="When something last happened in it.")
    is_waiting = serializers.SerializerMethodField()

    class Meta:
        model = Conversation
        fields = [
            "id",
            "channel",
            "thread",
            "identity",
            "customer",
            "state",
            "priority",
            "tags",
            "assignee",
            "assigned_at",
            "assigned_because",
            "returns_at",
            "contact",
            "is_waiting",
            "waiting_since",
            "unseen_since",
            "snoozed_until",
            "paused_for",
            "last_message_at",
            "updated_at",
            "merged_into",
        ]

    customer = serializers.IntegerField(source="identity.customer_id")

    @extend_schema_field(bool)
    def get_is_waiting(self, conversation: Conversation) -> bool:
        """Whether a customer waits for an answer."""
        return conversation.waiting_since is not None


class ConversationFilter(filters.FilterSet):  # type: ignore[misc]
    """Which conversations."""

    state = filters.ChoiceFilter(choices=Conversation.State.choices)
    priority = filters.ChoiceFilter(choices=Priority.choices)
    team = IdFilter(field_name="channel__team")
    channel = IdFilter(field_name="channel")
    thread = IdFilter(field_name="thread")
    assignee = IdFilter(field_name="assignee")
    unassigned = filters.BooleanFilter(field_name="assignee", lookup_expr="isnull")
    customer = IdFilter(field_name="identity__customer")
    identity = IdFilter(field_name="identity")
    is_waiting = filters.BooleanFilter(
        field_name="waiting_since", lookup_expr="isnull", exclude=True
    )
    tag = IdFilter(field_name="conversationtag__tag")
    updated_since = UpdatedSince(lambda rows, at: rows.filter(id__in=conversations_since(at)))


def readable_by(user: User) -> QuerySet[Conversation]:
    """Return what this person may read, each with when something last happened in it."""
    newest = Event.objects.filter(conversation_id=OuterRef("id")).order_by("-id")
    return (
        Conversation.objects.visible_to(user)
        .select_related("identity")
        .prefetch_related(Prefetch("tags", Tag.objects.only("id").order_by("key")))
        .annotate(
            updated_at=Coalesce(
                Subquery(newest.values("at")[:1]), "last_message_at", output_field=DateTimeField()
            )
        )
    )


def to_decide_about(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Add what deciding needs to know of each: in which state it is, and whose."""
    newest = Event.objects.filter(conversation_id=OuterRef("id")).order_by("-id")
    return rows.select_related("channel__team").annotate(
        version=Coalesce(Subquery(newest.values("id")[:1]), 0)
    )
