"""Messages: one utterance each."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.changes import UpdatedSince, messages_since
from apps.api.fields import IdFilter
from apps.api.single import Single
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import pinning, replying
from apps.conversations.operations.locking import locked


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What somebody said, where and when; `state` is where a reply is on its way."""

    surface = serializers.ChoiceField(choices=[*map(str, Surface)], allow_blank=True)
    state = serializers.ChoiceField(choices=Message.State.choices, allow_null=True)

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

    conversation = IdFilter(field_name="conversation")
    thread = IdFilter(field_name="thread")
    channel = IdFilter(field_name="channel")
    direction = filters.ChoiceFilter(choices=Message.Direction.choices)
    state = filters.ChoiceFilter(choices=Message.State.choices)
    updated_since = UpdatedSince(lambda rows, at: rows.filter(id__in=messages_since(at)))


class Messages(ListModelMixin, Single[Message]):
    """Messages of channels that the caller may read; what is on its way, its author decides."""

    serializer_class = MessageSerializer
    filterset_class = MessageFilter
    queryset = Message.objects.none()

    def get_queryset(self) -> QuerySet[Message]:
        """Return those this person may read."""
        return Message.objects.filter(channel__in=Channel.objects.visible_to(self.user))

    def hold(self, row: Message) -> None:
        """Lock the conversation it stands in, as every decision about it does."""
        if row.conversation is not None:
            locked(row.conversation, by=self.user)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], people_only=True)
    def undo(self, request: Request, pk: str) -> Response:
        """Take one's own reply back while it is queued; its text becomes the draft again."""
        return self._decided(pk, replying.undo)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], url_path="send-now", people_only=True)
    def send_now(self, request: Request, pk: str) -> Response:
        """Let one's own reply go before its undo time is over."""
        return self._decided(pk, replying.send_now)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], people_only=True)
    def discard(self, request: Request, pk: str) -> Response:
        """Give up one's own reply that could not be sent; its text becomes the draft again."""
        return self._decided(pk, replying.discard)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def pin(self, request: Request, pk: str) -> Response:
        """Keep a note on top of the brief of whoever it is about."""
        return self._pinned(pk, pinning.pin)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def unpin(self, request: Request, pk: str) -> Response:
        """Take a note off the top of the brief; it stays where it was written."""
        return self._pinned(pk, pinning.unpin)

    def _pinned(self, pk: str, change: Callable[..., object]) -> Response:
        def decide(message: Message) -> None:
            if message.direction != Message.Direction.NOTE:
                raise DeskError("Only a note can be pinned.")
            change(note=message, by=self.user, at=timezone.now())

        return self.decided(pk, decide)

    def _decided(self, pk: str, decide: Callable[..., object]) -> Response:
        def own(message: Message) -> None:
            theirs = Conversation.objects.answered_by(self.user).filter(messages=message.pk)
            is_own = message.author_id == self.user.pk
            if not (is_own and message.direction == Message.Direction.OUTBOUND and theirs.exists()):
                raise Http404
            decide(message=message, by=self.user, at=timezone.now())

        return self.decided(pk, own)
