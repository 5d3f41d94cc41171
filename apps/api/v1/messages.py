"""Messages: one utterance each."""

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from apps.api.base import Resource
from apps.api.instants import InstantFilter
from apps.channels.models import Channel
from apps.conversations.models import Message


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What somebody said, where and when; `state` is where a reply is on its way."""

    state = serializers.CharField(allow_null=True)

    class Meta:
        model = Message
        fields = [
            "id",
            "channel",
            "thread",
            "conversation",
            "direction",
            "origin",
            "surface",
            "external_id",
            "parent_id_there",
            "identity",
            "author",
            "text",
            "url",
            "language",
            "posted_at",
            "received_at",
            "edited_at",
            "deleted_at",
            "state",
        ]


class MessageFilter(filters.FilterSet):  # type: ignore[misc]
    """Which messages."""

    conversation = filters.NumberFilter(field_name="conversation")
    thread = filters.NumberFilter(field_name="thread")
    channel = filters.NumberFilter(field_name="channel")
    direction = filters.ChoiceFilter(choices=Message.Direction.choices)
    state = filters.ChoiceFilter(choices=Message.State.choices)
    updated_since = InstantFilter(method="since")

    def since(self, rows: QuerySet[Message], _name: str, instant: object) -> QuerySet[Message]:
        """Those that came in, were edited or deleted at that instant or later."""
        return rows.filter(
            Q(received_at__gte=instant) | Q(edited_at__gte=instant) | Q(deleted_at__gte=instant)
        )


class Messages(ListModelMixin, RetrieveModelMixin, Resource[Message]):
    """Messages of channels that the caller may read."""

    serializer_class = MessageSerializer
    filterset_class = MessageFilter
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        """Return those this person may read."""
        return Message.objects.filter(channel__in=Channel.objects.visible_to(self.user))
