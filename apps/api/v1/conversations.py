"""Conversations: the unit of work, and what is decided about them."""

from collections.abc import Callable
from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import User
from apps.api.base import Resource
from apps.api.instants import InstantFilter
from apps.api.problems import PreconditionFailed
from apps.api.v1.messages import MessageSerializer
from apps.conversations.models import Conversation, Draft
from apps.conversations.operations import assigning, labelling, replying, resolving, snoozing
from apps.conversations.operations.locking import locked
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
            "contact",
            "is_waiting",
            "waiting_since",
            "unseen_since",
            "snoozed_until",
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
    team = filters.NumberFilter(field_name="channel__team")
    channel = filters.NumberFilter(field_name="channel")
    assignee = filters.NumberFilter(field_name="assignee")
    unassigned = filters.BooleanFilter(field_name="assignee", lookup_expr="isnull")
    customer = filters.NumberFilter(field_name="identity__customer")
    identity = filters.NumberFilter(field_name="identity")
    is_waiting = filters.BooleanFilter(
        field_name="waiting_since", lookup_expr="isnull", exclude=True
    )
    tag = filters.NumberFilter(method="with_tag")
    updated_since = InstantFilter(method="since")

    def with_tag(self, rows: QuerySet[Conversation], _name: str, tag_id: Any) -> Any:
        """Those that bear a tag."""
        return rows.filter(conversationtag__tag=tag_id)

    def since(self, rows: QuerySet[Conversation], _name: str, instant: Any) -> Any:
        """Those in which something happened at that instant or later."""
        happened = Event.objects.filter(conversation_id=OuterRef("id"), at__gte=instant)
        return rows.filter(Exists(happened))


class AssignSerializer(serializers.Serializer[Any]):
    """Whom it is handed to; null puts it back into the queue."""

    user = serializers.IntegerField(allow_null=True, min_value=1)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why no reply is needed; asked for only while somebody waits."""

    no_reply_needed = serializers.CharField(required=False, allow_blank=True, max_length=300)


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when it is put off."""

    until = serializers.DateTimeField()


class PrioritySerializer(serializers.Serializer[Any]):
    """How much it matters."""

    priority = serializers.ChoiceField(choices=Priority.choices)


class TagsSerializer(serializers.Serializer[Any]):
    """Tags to put on it and to take off it, by their ids."""

    add = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=200)
    remove = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=200)


class TextSerializer(serializers.Serializer[Any]):
    """A text."""

    text = serializers.CharField(max_length=20_000, trim_whitespace=False)


class DraftSerializer(serializers.Serializer[Any]):
    """What the caller's person is writing; it leaves only when they send it in the console."""

    text = serializers.CharField(
        max_length=20_000, allow_blank=True, trim_whitespace=False, default=""
    )
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)


class Conversations(ListModelMixin, Resource[Conversation]):
    """Conversations that the caller may read; deciding takes the right to act on them."""

    serializer_class = ConversationSerializer
    filterset_class = ConversationFilter
    queryset = Conversation.objects.none()

    def get_queryset(self) -> QuerySet[Conversation]:
        """Return those this person may read."""
        newest = Event.objects.filter(conversation_id=OuterRef("id")).order_by("-id")
        return (
            Conversation.objects.visible_to(self.user)
            .select_related("identity")
            .prefetch_related("tags")
            .annotate(
                updated_at=Coalesce(
                    Subquery(newest.values("at")[:1]),
                    "last_message_at",
                    output_field=DateTimeField(),
                ),
                version=Coalesce(Subquery(newest.values("id")[:1]), 0),
            )
        )

    def retrieve(self, request: Request, pk: str) -> Response:
        """Answer with one; its ETag names the state it was read in."""
        return self._shown(int(pk))

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take one that nobody has."""
        return self._decided(pk, lambda _: {}, assigning.take)

    @extend_schema(request=AssignSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Hand it to a colleague, or back to the queue."""

        def said(data: Any) -> dict[str, Any]:
            user_id = _valid(AssignSerializer, data)["user"]
            return {"to": None if user_id is None else get_object_or_404(User, id=user_id)}

        return self._decided(pk, said, assigning.assign)

    @extend_schema(request=ReasonSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Close the contact; while somebody waits, with a reason why no reply is needed."""
        return self._decided(pk, _reason, resolving.resolve)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"], url_path="undo-resolve")
    def undo_resolve(self, request: Request, pk: str) -> Response:
        """Take the last resolve back."""
        return self._decided(pk, lambda _: {}, resolving.undo_resolve)

    @extend_schema(request=ReasonSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """End a wait without a reply and keep it open."""
        return self._decided(pk, _reason, resolving.dismiss)

    @extend_schema(request=SnoozeSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Put it off until an instant."""
        return self._decided(pk, lambda data: _valid(SnoozeSerializer, data), snoozing.snooze)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str) -> Response:
        """End a snooze before its time."""
        return self._decided(pk, lambda _: {}, snoozing.wake)

    @extend_schema(request=PrioritySerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def prioritize(self, request: Request, pk: str) -> Response:
        """Say how much it matters."""
        return self._decided(
            pk, lambda data: _valid(PrioritySerializer, data), _of_one(labelling.set_priority)
        )

    @extend_schema(request=TagsSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    def tag(self, request: Request, pk: str) -> Response:
        """Put tags on it, or take some off."""

        def said(data: Any) -> dict[str, Any]:
            wanted = _valid(TagsSerializer, data)
            return {name: _tags(ids) for name, ids in wanted.items()}

        return self._decided(pk, said, _of_one(labelling.change_tags))

    @extend_schema(request=TextSerializer, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, pk: str) -> Response:
        """Leave a note for colleagues; it never leaves the desk."""

        def act() -> Response:
            conversation = self._matching(pk)
            text = _valid(TextSerializer, request.data)["text"]
            written = replying.note(
                conversation=conversation, text=text, by=self.user, at=timezone.now()
            )
            return Response(MessageSerializer(written).data, status=201)

        return self.acting(act)

    @extend_schema(methods=["GET"], responses=DraftSerializer)
    @extend_schema(methods=["PUT"], request=DraftSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["get", "put"])
    def draft(self, request: Request, pk: str) -> Response:
        """What the caller's person is writing here; an empty text forgets it."""
        conversation = self._read(int(pk))
        if request.method == "PUT":
            text = _valid(DraftSerializer, request.data)["text"]
            replying.save_draft(
                conversation=conversation, text=text, by=self.user, at=timezone.now()
            )
        where = conversation.merged_into_id or conversation.pk
        kept = Draft.objects.filter(user=self.user, conversation=where).first()
        return Response(DraftSerializer(kept or {"text": "", "updated_at": None}).data)

    def _decided(
        self, pk: str, said: Callable[[Any], dict[str, Any]], decide: Callable[..., object]
    ) -> Response:
        def act() -> Response:
            conversation = self._matching(pk)
            what = said(self.request.data)
            decide(conversation=conversation, by=self.user, at=timezone.now(), **what)
            return self._shown(conversation.merged_into_id or conversation.pk)

        return self.acting(act)

    def _matching(self, pk: str) -> Conversation:
        """Return it as the caller last saw it; raises PreconditionFailed if it changed since."""
        wanted = self.request.headers.get("If-Match", "")
        if wanted and wanted != "*":
            locked(self._read(int(pk)), by=self.user)
            if _etag(self._read(int(pk))) not in [tag.strip() for tag in wanted.split(",")]:
                raise PreconditionFailed
        return self._read(int(pk))

    def _read(self, conversation_id: int) -> Conversation:
        return get_object_or_404(self.get_queryset(), id=conversation_id)

    def _shown(self, conversation_id: int) -> Response:
        shown = self._read(conversation_id)
        return Response(ConversationSerializer(shown).data, headers={"ETag": _etag(shown)})


def _etag(conversation: Any) -> str:
    return f'"{conversation.pk}-{conversation.version}"'


def _of_one(decide: Callable[..., object]) -> Callable[..., object]:
    """Do to one conversation what may be done to many."""

    def decide_one(*, conversation: Conversation, **said: Any) -> object:
        return decide(conversation_ids=[conversation.pk], **said)

    return decide_one


def _reason(data: Any) -> dict[str, Any]:
    return {"no_reply_needed": _valid(ReasonSerializer, data).get("no_reply_needed", "")}


def _tags(ids: list[int]) -> list[Tag]:
    found: list[Any] = list(Tag._default_manager.filter(id__in=ids))
    if len(found) < len(set(ids)):
        raise ValidationError({"tags": ["There is no tag with one of these ids."]})
    return found


def _valid(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    valid: dict[str, Any] = serializer.validated_data
    return valid
