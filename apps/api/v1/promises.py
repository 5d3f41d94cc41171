"""Promises to customers: what a person said they would do, by when, and how it ended."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.changes import UpdatedSince, identities_told_of
from apps.api.fields import Id, IdFilter, one_of
from apps.api.instants import Instant, InstantFilter
from apps.api.single import Single
from apps.conversations.models import Conversation, Message, Pledge
from apps.conversations.operations import pledging


class PromiseSerializer(serializers.ModelSerializer[Pledge]):
    """Words of a reply or a note that promise a customer something by an instant."""

    class Meta:
        model = Pledge
        fields = [
            "id",
            "message",
            "identity",
            "customer",
            "words",
            "due_at",
            "made_by",
            "made_at",
            "state",
            "settled_by",
            "settled_at",
            "settled_note",
        ]

    customer = serializers.IntegerField(source="identity.customer_id")


class NewPromiseSerializer(serializers.Serializer[Any]):
    """Which words of which message promise something, and by when."""

    message = Id()
    words = serializers.CharField(max_length=pledging.LONGEST)
    due_at = Instant()


class SettleSerializer(serializers.Serializer[Any]):
    """How a promise ended."""

    state = serializers.ChoiceField(
        choices=[choice for choice in Pledge.State.choices if choice[0] != Pledge.State.OPEN]
    )
    note = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=pledging.LONGEST
    )


class PromiseFilter(filters.FilterSet):  # type: ignore[misc]
    """Which promises."""

    customer = IdFilter(field_name="identity__customer")
    state = filters.ChoiceFilter(choices=Pledge.State.choices)
    made_by = IdFilter(field_name="made_by")
    due_before = InstantFilter(field_name="due_at", lookup_expr="lt")
    updated_since = UpdatedSince(
        lambda rows, at: rows.filter(
            Q(made_at__gte=at) | Q(settled_at__gte=at) | Q(identity__in=identities_told_of(at))
        )
    )


class Promises(ListModelMixin, Single[Pledge]):
    """Promises in conversations that the caller may read."""

    serializer_class = PromiseSerializer
    filterset_class = PromiseFilter
    queryset = Pledge.objects.none()

    def get_queryset(self) -> QuerySet[Pledge]:
        """Return those this person may read."""
        readable = Conversation.objects.visible_to(self.user)
        return Pledge.objects.filter(message__conversation__in=readable).select_related("identity")

    @extend_schema(request=NewPromiseSerializer, responses={201: PromiseSerializer})
    def create(self, request: Request) -> Response:
        """Note that words of a reply or a note promise the customer something."""

        def make() -> Pledge:
            said = self.said(NewPromiseSerializer)
            own_side = Message.objects.exclude(direction=Message.Direction.INBOUND)
            readable = own_side.filter(conversation__in=Conversation.objects.visible_to(self.user))
            message = one_of(readable, said["message"], field="message")
            return pledging.pledge(
                message=message,
                words=said["words"],
                due_at=said["due_at"],
                by=self.user,
                at=timezone.now(),
            )

        return self.made(make)

    @extend_schema(request=SettleSerializer, responses=PromiseSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Say that it was kept, broken, or only marked by mistake."""

        def settle(pledge: Pledge) -> None:
            said = self.said(SettleSerializer)
            pledging.settle(pledge=pledge, by=self.user, at=timezone.now(), **said)

        return self.decided(pk, settle)
