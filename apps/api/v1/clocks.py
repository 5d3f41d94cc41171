"""Clocks: measured waits, and what was promised of them."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from apps.api.changes import UpdatedSince, touched
from apps.api.fields import IdFilter
from apps.api.instants import InstantFilter
from apps.api.single import Single
from apps.channels.models import Channel
from apps.conversations.models import Clock


class ClockSerializer(serializers.ModelSerializer[Clock]):
    """One measured wait; breached is whoever stops, or still runs, past `due_at`."""

    stop = serializers.CharField(allow_null=True)
    customer_seconds = serializers.FloatField(allow_null=True)

    class Meta:
        model = Clock
        fields = [
            "id",
            "conversation",
            "channel",
            "kind",
            "contact",
            "position",
            "started_at",
            "stopped_at",
            "stop",
            "reply",
            "credited_to",
            "due_at",
            "desk_seconds",
            "customer_seconds",
            "policy_version",
            "calendar_version",
        ]


class ClockFilter(filters.FilterSet):  # type: ignore[misc]
    """Which clocks."""

    conversation = IdFilter(field_name="conversation")
    channel = IdFilter(field_name="channel")
    kind = filters.ChoiceFilter(choices=Clock.Kind.choices)
    runs = filters.BooleanFilter(field_name="stopped_at", lookup_expr="isnull")
    credited_to = IdFilter(field_name="credited_to")
    started_after = InstantFilter(field_name="started_at", lookup_expr="gte")
    started_before = InstantFilter(field_name="started_at", lookup_expr="lt")
    updated_since = UpdatedSince(lambda rows, at: rows.filter(conversation__in=touched(at)))


class Clocks(ListModelMixin, Single[Clock]):
    """Clocks of conversations that the caller may read."""

    serializer_class = ClockSerializer
    filterset_class = ClockFilter
    queryset = Clock.objects.none()

    def get_queryset(self) -> QuerySet[Clock]:
        """Return those this person may read."""
        return Clock.objects.filter(channel__in=Channel.objects.visible_to(self.user))
