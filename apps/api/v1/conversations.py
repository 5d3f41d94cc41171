"""Conversations: the unit of work, one by one and many at once."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import User
from apps.api.fields import Id, Ids
from apps.api.instants import Instant
from apps.api.v1.conversation import (
    ConversationFilter,
    ConversationSerializer,
    readable_by,
    to_decide_about,
)
from apps.api.v1.deciding import LONGEST_REASON
from apps.api.v1.writing import Writing
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning, labelling, many, resolving, snoozing
from apps.labels.models import Priority, Tag

DECISIONS: dict[str, tuple[Callable[..., object], str | None]] = {
    "assign": (assigning.assign, "user"),
    "snooze": (snoozing.snooze, "until"),
    "wake": (snoozing.wake, None),
    "tag": (labelling.tag, "tag"),
    "untag": (labelling.untag, "tag"),
    "prioritize": (labelling.prioritize, "priority"),
    "resolve": (resolving.resolve, "no_reply_needed"),
    "undo-resolve": (resolving.undo_resolve, None),
    "dismiss": (resolving.dismiss, "no_reply_needed"),
}


class ManySerializer(serializers.Serializer[Any]):
    """One decision about many conversations, and what it needs to know: see each by its name."""

    conversations = Ids(min_length=1)
    decision = serializers.ChoiceField(choices=list(DECISIONS))
    user = Id(required=False, allow_null=True)
    until = Instant(required=False)
    tag = Id(required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    no_reply_needed = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_REASON, default=""
    )


class RefusedSerializer(serializers.Serializer[Any]):
    """A conversation for which it was refused, and why."""

    conversation = serializers.IntegerField()
    detail = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """For which it was decided, and for which it was refused; each stands for itself."""

    decided = serializers.ListField(child=serializers.IntegerField())
    refused = RefusedSerializer(many=True)


class KeptBackSerializer(serializers.Serializer[Any]):
    """How many would have gone back."""

    kept = serializers.IntegerField()


class Conversations(ListModelMixin, Writing):
    """Conversations that the caller may read; deciding takes the right to act on them."""

    serializer_class = ConversationSerializer
    filterset_class = ConversationFilter
    queryset = Conversation.objects.none()

    def get_queryset(self) -> QuerySet[Conversation]:
        """Return those this person may read."""
        rows = readable_by(self.user)
        return rows if self.action == "list" else to_decide_about(rows)

    @extend_schema(request=None, responses=ConversationSerializer, filters=False)
    @action(detail=False, methods=["post"], url_path="take-next", filterset_class=None)
    def take_next(self, request: Request) -> Response:
        """Take whatever is due first of all that the caller's person can do."""

        def act() -> Response:
            taken = assigning.take_next(by=self.user, at=timezone.now())
            return self.shown(self.found(taken.pk))

        return self.acting(act)

    @extend_schema(request=None, responses=KeptBackSerializer, filters=False)
    @action(detail=False, methods=["post"], filterset_class=None)
    def keep(self, request: Request) -> Response:
        """Keep everything of the caller's person that would go back unopened."""
        return self.acting(
            lambda: Response({"kept": assigning.keep(by=self.user, at=timezone.now())})
        )

    @extend_schema(request=ManySerializer, responses=OutcomeSerializer, filters=False)
    @action(detail=False, methods=["post"], filterset_class=None)
    def decide(self, request: Request) -> Response:
        """Decide the same about many; nothing among it says anything to a customer."""

        def act() -> Response:
            said = self.said(ManySerializer)
            operation, needed = DECISIONS[said["decision"]]
            outcome = many.decide(
                operation,
                conversation_ids=said["conversations"],
                by=self.user,
                at=timezone.now(),
                **_about(said, needed),
            )
            refused = [
                {"conversation": one, "detail": why} for one, why in sorted(outcome.refused.items())
            ]
            return Response({"decided": outcome.decided, "refused": refused})

        return self.acting(act)


def _about(said: dict[str, Any], needed: str | None) -> dict[str, Any]:
    """Return what a decision is told besides which conversations it is about."""
    if needed is None:
        return {}
    if needed not in said:
        raise ValidationError({needed: [f"Deciding {said['decision']} needs this."]})
    match needed, said[needed]:
        case "user", None:
            return {"to": None}
        case "user", user_id:
            return {"to": get_object_or_404(User, id=user_id)}
        case "tag", tag_id:
            return {"tag": get_object_or_404(Tag, pk=tag_id)}
        case _, value:
            return {needed: value}
