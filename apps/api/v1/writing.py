"""What is written in a conversation: notes and drafts by whoever may, replies by people alone."""

import base64
import binascii
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Id
from apps.api.single import Single, state_of
from apps.api.v1.deciding import Deciding
from apps.api.v1.messages import MessageSerializer
from apps.conversations.models import Attachment, Conversation, Draft
from apps.conversations.operations import attaching, drafting, noting, replying

LONGEST_DRAFT = 100_000


class NoteSerializer(serializers.Serializer[Any]):
    """What colleagues should know; a name after @ tells whom it names."""

    text = serializers.CharField(max_length=noting.LONGEST_NOTE, trim_whitespace=False)


class DraftSerializer(serializers.Serializer[Any]):
    """What the caller's person is writing; it leaves only when a person sends it."""

    text = serializers.CharField(
        max_length=LONGEST_DRAFT, allow_blank=True, trim_whitespace=False, default=""
    )
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)


class ReplySerializer(serializers.Serializer[Any]):
    """A reply, exactly as it goes out; `seen_message` is the newest message its author read.

    Pictures of the draft go with it.
    """

    text = serializers.CharField(max_length=LONGEST_DRAFT, trim_whitespace=False)
    seen_message = Id(required=False, allow_null=True, default=None)


class PictureSerializer(serializers.ModelSerializer[Attachment]):
    """A picture of a draft; `alt` says what it shows, for those who can't see it."""

    class Meta:
        model = Attachment
        fields = ["id", "conversation", "content_type", "size", "sha256", "alt", "added_at"]
        read_only_fields = ["id", "conversation", "content_type", "size", "sha256", "added_at"]


class NewPictureSerializer(serializers.Serializer[Any]):
    """The bytes of a picture in base64, and what it shows."""

    body = serializers.CharField(trim_whitespace=False)
    alt = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


class Writing(Deciding):
    """Texts in a conversation."""

    @extend_schema(request=NoteSerializer, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"])
    def notes(self, request: Request, pk: str) -> Response:
        """Leave a note for colleagues; it never leaves the desk."""

        def act() -> Response:
            conversation = self.matching(pk)
            text = self.said(NoteSerializer)["text"]
            written = noting.note(
                conversation=conversation, text=text, by=self.user, at=timezone.now()
            )
            return Response(MessageSerializer(written).data, status=201)

        return self.acting(act)

    @extend_schema(methods=["GET"], responses=DraftSerializer)
    @extend_schema(methods=["PUT"], request=DraftSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["get", "put"])
    def draft(self, request: Request, pk: str) -> Response:
        """What the caller's person is writing here; an empty text forgets it."""
        if request.method == "GET":
            return self._draft(self.found(int(pk)))

        def act() -> Response:
            conversation = self.found(int(pk))
            self._match_draft(conversation)
            text = self.said(DraftSerializer)["text"]
            drafting.save_draft(
                conversation=conversation, text=text, by=self.user, at=timezone.now()
            )
            return self._draft(conversation)

        return self.acting(act)

    @extend_schema(request=NoteSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Cut a text into numbered parts that the network takes, and keep them as the draft."""

        def act() -> Response:
            conversation = self.found(int(pk))
            self._match_draft(conversation)
            text = self.said(NoteSerializer)["text"]
            drafting.split_draft(
                conversation=conversation, text=text, by=self.user, at=timezone.now()
            )
            return self._draft(conversation)

        return self.acting(act)

    @extend_schema(request=ReplySerializer, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"], people_only=True)
    def reply(self, request: Request, pk: str) -> Response:
        """Answer the customer. Only a person does, by their session; they may take it back a while.

        409 if the customer wrote, or a colleague answered, since `seen_message`.
        """

        def act() -> Response:
            conversation = self.matching(pk)
            sent = self.said(ReplySerializer)
            written = replying.reply(
                conversation=conversation,
                text=sent["text"],
                by=self.user,
                session_key=request.session.session_key or "",
                at=timezone.now(),
                seen_message_id=sent["seen_message"],
            )
            return Response(MessageSerializer(written).data, status=201)

        return self.acting(act)

    @extend_schema(request=NewPictureSerializer, responses={201: PictureSerializer})
    @action(detail=True, methods=["post"])
    def pictures(self, request: Request, pk: str) -> Response:
        """Add a picture to the draft of the caller's person; it goes out with their reply."""

        def act() -> Response:
            conversation = self.matching(pk)
            sent = self.said(NewPictureSerializer)
            picture = attaching.attach(
                conversation=conversation,
                body=_bytes(sent["body"]),
                by=self.user,
                at=timezone.now(),
            )
            attaching.describe(attachment=picture, alt=sent["alt"])
            picture.refresh_from_db()
            return Response(PictureSerializer(picture).data, status=201)

        return self.acting(act)

    def _match_draft(self, conversation: Conversation) -> None:
        """A draft has a state of its own: its author may write it in the console meanwhile."""
        kept = self._kept(conversation).select_for_update(no_key=True).first()
        self.match(state_of(_written(kept)))

    def _draft(self, conversation: Conversation) -> Response:
        written = _written(self._kept(conversation).first())
        return Response(written, headers={"ETag": f'"{state_of(written)}"'})

    def _kept(self, conversation: Conversation) -> QuerySet[Draft]:
        where = conversation.merged_into_id or conversation.pk
        return Draft.objects.filter(user=self.user, conversation=where)


def _written(kept: Draft | None) -> Any:
    return DraftSerializer(kept or {"text": "", "updated_at": None}).data


class Pictures(ListModelMixin, Single[Attachment]):
    """Pictures of drafts of the caller's person."""

    serializer_class = PictureSerializer
    queryset = Attachment.objects.none()

    def get_queryset(self) -> QuerySet[Attachment]:
        """Return those that this person may still change."""
        return Attachment.objects.filter(
            user=self.user,
            message__isnull=True,
            conversation__in=Conversation.objects.visible_to(self.user),
        ).defer("body")

    def partial_update(self, request: Request, pk: str) -> Response:
        """Say what a picture shows."""

        def describe(picture: Attachment) -> None:
            said = self.said(PictureSerializer, partial=True)
            attaching.describe(attachment=picture, alt=said.get("alt", picture.alt))

        return self.decided(pk, describe)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a picture off the draft."""
        return self.gone(pk, lambda picture: attaching.detach(attachment=picture))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationError({"body": ["Send the bytes of the picture in base64."]}) from error
