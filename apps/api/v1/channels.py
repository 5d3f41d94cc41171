"""Channels, the messages that programs bring into generic ones, and what could not be taken in."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Team
from apps.agents.programs import INBOUND, MANAGE
from apps.api.changes import UpdatedSince
from apps.api.fields import Id, Words, one_of
from apps.api.single import Single
from apps.api.v1 import inbound
from apps.api.v1.inbound import ONE_OR_MANY, KeptSerializer
from apps.channels import operations as connecting
from apps.channels.connector import LONGEST_ID
from apps.channels.connectors.generic.connector import GenericConnector
from apps.channels.models import Channel
from apps.channels.registry import CONNECTORS
from apps.common.errors import DeskError
from apps.intake import operations
from apps.intake.models import SetAside
from apps.intake.queries import set_aside_for

LONGEST_SKILL = 40


class ChannelSerializer(serializers.ModelSerializer[Channel]):
    """One connected brand account on one network."""

    class Meta:
        model = Channel
        fields = [
            "id",
            "network",
            "account_id",
            "handle",
            "team",
            "is_private",
            "base_url",
            "skills",
            "paused_at",
            "last_delivery_at",
        ]


class AccountSerializer(serializers.Serializer[Any]):
    """How an account is called, answered and reached. An empty token keeps the one there is."""

    handle = serializers.CharField(max_length=200)
    team = Id()
    is_private = serializers.BooleanField(required=False, default=False)
    base_url = serializers.URLField(required=False, allow_blank=True, default="", max_length=200)
    token = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=5000, write_only=True
    )


class ConnectSerializer(AccountSerializer):
    """An account to connect, on which network."""

    network = serializers.ChoiceField(choices=list(CONNECTORS))
    account_id = serializers.CharField(max_length=LONGEST_ID)


class ChangeSerializer(AccountSerializer):
    """What changes of an account; its team's managers decide about `skills`, admins the rest."""

    skills = Words(LONGEST_SKILL, required=False)


class Channels(ListModelMixin, Single[Channel]):
    """Channels whose conversations the caller may read."""

    serializer_class = ChannelSerializer
    queryset = Channel.objects.none()
    scope = MANAGE

    def get_queryset(self) -> QuerySet[Channel]:
        """Return those this person may read."""
        return Channel.objects.visible_to(self.user)

    @extend_schema(request=ConnectSerializer, responses={201: ChannelSerializer})
    def create(self, request: Request) -> Response:
        """Connect an account, as admins do."""

        def connect() -> Channel:
            if not self.user.is_admin:
                raise DeskError("Only admins decide about channels.")
            said = self._about(self.said(ConnectSerializer))
            return connecting.connect(**said, by=self.user, at=timezone.now())

        return self.made(connect)

    @extend_schema(request=ChangeSerializer, responses=ChannelSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change how an account is called, answered or reached, or what it asks of agents."""

        def change(channel: Channel) -> None:
            said = self._about(self.said(ChangeSerializer, partial=True))
            by, at = self.user, timezone.now()
            if (skills := said.pop("skills", None)) is not None:
                connecting.require_skills(channel=channel, skills=skills, by=by, at=at)
            if said:
                connecting.change(channel=channel, changes=said, by=by, at=at)

        return self.decided(pk, change)

    @extend_schema(request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Hold its replies until it goes on, as admins do."""
        return self._decided(pk, connecting.pause)

    @extend_schema(request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, pk: str) -> Response:
        """Let its replies leave again."""
        return self._decided(pk, connecting.go_on)

    @extend_schema(request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Make a new webhook secret; the old one is taken as well until the rotation ends."""
        return self._decided(pk, connecting.rotate_secret)

    @extend_schema(request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"], url_path="end-rotation")
    def end_rotation(self, request: Request, pk: str) -> Response:
        """Take only the new webhook secret from now on."""
        return self._decided(pk, connecting.end_rotation)

    @extend_schema(request=ONE_OR_MANY, responses={202: KeptSerializer})
    @action(detail=True, methods=["post"], scope=INBOUND, is_matched=False)
    def messages(self, request: Request, pk: str) -> Response:
        """Bring messages into a generic channel; a single one may stand without its list."""

        def act() -> Response:
            theirs = Channel.objects.answered_by(self.user).filter(id=OuterRef("id"))
            channels = self.get_queryset().annotate(is_theirs=Exists(theirs))
            channel: Any = get_object_or_404(channels, id=int(pk))
            if channel.network != GenericConnector.network:
                raise DeskError(f"{channel} hears from its network alone: name a generic channel.")
            if not channel.is_theirs:
                raise DeskError("Another team answers this channel, and decides what it takes in.")
            told = inbound.read(request.data)
            return Response(inbound.keep(channel, told, at=timezone.now()), status=202)

        return self.acting(act)

    def _decided(self, pk: str, decide: Callable[..., object]) -> Response:
        return self.decided(
            pk, lambda channel: decide(channel=channel, by=self.user, at=timezone.now())
        )

    def _about(self, said: dict[str, Any]) -> dict[str, Any]:
        if "team" in said:
            said["team"] = one_of(Team.objects.all(), said["team"], field="team")
        return said


class SetAsideSerializer(serializers.ModelSerializer[SetAside]):
    """One item that could not be taken in, and why."""

    channel = serializers.IntegerField(source="delivery.channel_id")

    class Meta:
        model = SetAside
        fields = ["id", "channel", "delivery", "position", "reason", "error", "at"]


class SetAsideFilter(filters.FilterSet):  # type: ignore[misc]
    """Which of them."""

    updated_since = UpdatedSince(lambda rows, at: rows.filter(at__gte=at))


class SetAsides(ListModelMixin, Single[SetAside]):
    """What waits for a person to look at it, of channels the caller works for."""

    serializer_class = SetAsideSerializer
    filterset_class = SetAsideFilter
    queryset = SetAside.objects.none()

    def get_queryset(self) -> QuerySet[SetAside]:
        """Return those this person may decide about."""
        return set_aside_for(self.user)

    @extend_schema(request=None, responses={200: SetAsideSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Try it again: 204 if it is taken in now, 200 with the renewed reason if not."""

        def act() -> Response:
            item = self.matching(pk)
            if operations.retry(set_aside=item, by=self.user, at=timezone.now()):
                return Response(status=204)
            item.refresh_from_db()
            return Response(SetAsideSerializer(item).data)

        return self.acting(act)
