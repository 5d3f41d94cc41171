"""Channels, the messages that programs bring into generic ones, and what could not be taken in."""

import json
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.access import INBOUND, MANAGE
from apps.api.fields import Words
from apps.api.instants import Instant
from apps.api.single import Single
from apps.channels.connector import LONGEST_ID, Surface
from apps.channels.connectors.generic.connector import GenericConnector
from apps.channels.models import Channel
from apps.channels.operations import require_skills
from apps.common.errors import DeskError
from apps.intake import operations
from apps.intake.models import SetAside
from apps.intake.queries import set_aside_for

MOST_AT_ONCE = 100
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
            "skills",
            "last_delivery_at",
        ]


class SkillsSerializer(serializers.Serializer[Any]):
    """What an agent must be able to do to be given its conversations."""

    skills = Words(LONGEST_SKILL)


class InboundSerializer(serializers.Serializer[Any]):
    """One message that a customer wrote somewhere else. Known by `id`, it is stored once."""

    id = serializers.CharField(max_length=LONGEST_ID)
    author_id = serializers.CharField(max_length=LONGEST_ID)
    author_handle = serializers.CharField(max_length=200)
    author_name = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=100_000, allow_blank=True, trim_whitespace=False)
    posted_at = Instant()
    parent_id = serializers.CharField(max_length=LONGEST_ID, required=False, allow_null=True)
    surface = serializers.ChoiceField(choices=[str(s) for s in Surface], default="direct")
    url = serializers.URLField(max_length=2000, required=False, default="")
    language = serializers.CharField(max_length=35, required=False, default="", allow_blank=True)


class BatchSerializer(serializers.Serializer[Any]):
    """Up to 100 messages, taken in as one."""

    messages = serializers.ListField(
        child=InboundSerializer(), min_length=1, max_length=MOST_AT_ONCE
    )


class KeptSerializer(serializers.Serializer[Any]):
    """What was sent is kept, and is read in a moment."""

    delivery = serializers.IntegerField()
    messages = serializers.IntegerField()


class Channels(ListModelMixin, Single[Channel]):
    """Channels whose conversations the caller may read."""

    serializer_class = ChannelSerializer
    queryset = Channel.objects.none()
    scope = MANAGE

    def get_queryset(self) -> QuerySet[Channel]:
        """Return those this person may read."""
        return Channel.objects.visible_to(self.user)

    @extend_schema(request=SkillsSerializer, responses=ChannelSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say what its conversations ask of agents, as its team's managers and admins do."""

        def require(channel: Channel) -> None:
            skills = self.said(SkillsSerializer)["skills"]
            require_skills(channel=channel, skills=skills, by=self.user, at=timezone.now())

        return self.decided(pk, require)

    @extend_schema(request=BatchSerializer, responses={202: KeptSerializer})
    @action(detail=True, methods=["post"], scope=INBOUND)
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
            told = _messages(request.data)
            body = json.dumps({"messages": told}).encode()
            delivery_id = operations.keep(channel=channel, body=body, at=timezone.now())
            return Response({"delivery": delivery_id, "messages": len(told)}, status=202)

        return self.acting(act)


class SetAsideSerializer(serializers.ModelSerializer[SetAside]):
    """One item that could not be taken in, and why."""

    channel = serializers.IntegerField(source="delivery.channel_id")

    class Meta:
        model = SetAside
        fields = ["id", "channel", "delivery", "position", "reason", "error", "at"]


class SetAsides(ListModelMixin, Single[SetAside]):
    """What waits for a person to look at it, of channels the caller works for."""

    serializer_class = SetAsideSerializer
    queryset = SetAside.objects.none()

    def get_queryset(self) -> QuerySet[SetAside]:
        """Return those this person may decide about."""
        return set_aside_for(self.user)

    @extend_schema(request=None, responses={200: SetAsideSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Try it again: 204 if it is taken in now, 200 with the renewed reason if not."""

        def act() -> Response:
            item = get_object_or_404(self.get_queryset(), id=int(pk))
            if operations.retry(set_aside=item, by=self.user, at=timezone.now()):
                return Response(status=204)
            item.refresh_from_db()
            return Response(SetAsideSerializer(item).data)

        return self.acting(act)


def _messages(data: Any) -> list[Any]:
    if isinstance(data, dict) and "messages" in data:
        batch = BatchSerializer(data=data)
        batch.is_valid(raise_exception=True)
        return list(batch.data["messages"])
    one = InboundSerializer(data=data)
    one.is_valid(raise_exception=True)
    return [one.data]
