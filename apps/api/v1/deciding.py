"""What is decided about one conversation, by the console's own operations."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import User
from apps.api.fields import Id, Ids, all_of
from apps.api.instants import Instant
from apps.api.single import Single, state_of
from apps.api.v1.conversation import ConversationSerializer
from apps.conversations.models import Conversation
from apps.conversations.operations import (
    assigning,
    labelling,
    pausing,
    resolving,
    snoozing,
)
from apps.conversations.operations.locking import locked
from apps.labels.models import Flag, Priority, Tag

LONGEST_REASON = 300


class AssignSerializer(serializers.Serializer[Any]):
    """Whom it is handed to; null puts it back into the queue."""

    user = Id(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why no reply is needed; asked for only while somebody waits."""

    no_reply_needed = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_REASON, default=""
    )


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when it is put off."""

    until = Instant()


class PauseSerializer(serializers.Serializer[Any]):
    """On whom resolving it waits."""

    paused_for = serializers.ChoiceField(choices=Conversation.Pause.choices)


class PrioritySerializer(serializers.Serializer[Any]):
    """How much it matters."""

    priority = serializers.ChoiceField(choices=Priority.choices)


class LabelsSerializer(serializers.Serializer[Any]):
    """Tags or flags to give and to take off, by their ids."""

    add = Ids(required=False, default=list)
    remove = Ids(required=False, default=list)


class Deciding(Single[Conversation]):
    """Decisions that agents take a hundred times a day."""

    def version(self, row: Conversation) -> str:
        """Name its state by what is read of it and the newest event in it."""
        return state_of([self.told(row), getattr(row, "version", 0)])

    def hold(self, row: Conversation) -> None:
        """Lock it as every decision about it does."""
        locked(row, by=self.user)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take one that nobody has."""
        return self._decided(pk, assigning.take)

    @extend_schema(request=AssignSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Hand it to a colleague, or back to the queue."""

        def assign(**about: Any) -> None:
            user_id = self.said(AssignSerializer)["user"]
            to = None if user_id is None else get_object_or_404(User, id=user_id)
            assigning.assign(to=to, **about)

        return self._decided(pk, assign)

    @extend_schema(request=ReasonSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Close the contact; while somebody waits, with a reason why no reply is needed."""
        return self._decided(pk, resolving.resolve, ReasonSerializer)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"], url_path="undo-resolve")
    def undo_resolve(self, request: Request, pk: str) -> Response:
        """Take the last resolve back."""
        return self._decided(pk, resolving.undo_resolve)

    @extend_schema(request=ReasonSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """End a wait without a reply and keep it open."""
        return self._decided(pk, resolving.dismiss, ReasonSerializer)

    @extend_schema(request=SnoozeSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Put it off until an instant."""
        return self._decided(pk, snoozing.snooze, SnoozeSerializer)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str) -> Response:
        """End a snooze before its time."""
        return self._decided(pk, snoozing.wake)

    @extend_schema(request=PauseSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Say that resolving it waits on somebody else: its resolution clock pauses."""
        return self._decided(pk, pausing.pause, PauseSerializer)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def unpause(self, request: Request, pk: str) -> Response:
        """Let the resolution clock go on."""
        return self._decided(pk, pausing.unpause)

    @extend_schema(request=PrioritySerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def prioritize(self, request: Request, pk: str) -> Response:
        """Say how much it matters."""
        return self._decided(pk, labelling.prioritize, PrioritySerializer)

    @extend_schema(request=LabelsSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def tag(self, request: Request, pk: str) -> Response:
        """Put tags on it, or take some off."""

        def tag(**about: Any) -> None:
            one: Conversation = about.pop("conversation")
            chosen: dict[str, Any] = self._labels(Tag)
            labelling.change_tags(conversation_ids=[one.pk], **chosen, **about)

        return self._decided(pk, tag)

    @extend_schema(request=LabelsSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def flag(self, request: Request, pk: str) -> Response:
        """Put flags on its customer, or take some off."""

        def flag(**about: Any) -> None:
            chosen: dict[str, Any] = self._labels(Flag)
            labelling.change_flags(**chosen, **about)

        return self._decided(pk, flag)

    def _decided(
        self,
        pk: str,
        decide: Callable[..., object],
        said: type[serializers.Serializer[Any]] | None = None,
    ) -> Response:
        """Take one decision; a conversation that was merged is answered as the one it became."""

        def act() -> Response:
            conversation = self.matching(pk)
            what = self.said(said) if said else {}
            decide(conversation=conversation, by=self.user, at=timezone.now(), **what)
            return self.shown(self.found(conversation.merged_into_id or conversation.pk))

        return self.acting(act)

    def _labels(self, kind: type[Tag] | type[Flag]) -> dict[str, list[Any]]:
        wanted = self.said(LabelsSerializer)
        known: Any = kind._default_manager.all()
        return {name: all_of(known, ids, field=name) for name, ids in wanted.items()}
