"""The ledger as a feed: what happened, in the order of its ids, read on from where one was."""

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Resource
from apps.channels.models import Channel
from apps.ledger.models import Event
from apps.webhooks.catalogue import KINDS, payload

MOST = 500
SETTLING_SECONDS = 2


class EventSerializer(serializers.Serializer[Any]):
    """One line of the ledger, as a webhook tells it."""

    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


@extend_schema_serializer(many=False)
class EventFeedSerializer(serializers.Serializer[Any]):
    """Some events, and where to read on."""

    results = EventSerializer(many=True)
    next_after = serializers.IntegerField()


class Events(Resource[Event]):
    """What happened in conversations that the caller may read."""

    queryset = Event.objects.none()
    pagination_class: Any = None
    filter_backends: list[Any] = []

    @extend_schema(
        parameters=[
            OpenApiParameter("after", int, description="The `event_id` to read on from."),
            OpenApiParameter("kind", str, description="Only these, separated by commas."),
            OpenApiParameter("limit", int, description=f"At most so many, up to {MOST}."),
        ],
        responses=EventFeedSerializer,
    )
    def list(self, request: Request) -> Response:
        """Answer with the events after one; `next_after` is where to read on, even if none is new.

        What is still being written holds the feed back for some seconds, so that nothing is
        skipped.
        """
        after, limit = _number(request, "after", 0), _number(request, "limit", 100)
        kinds = _kinds(request)
        settled = Event.objects.filter(id__gt=after, at__lt=_settled_before()).order_by("id")
        rows = list(self._readable(settled.filter(kind__in=kinds))[: min(max(limit, 1), MOST)])
        return Response(
            {"results": [payload(event) for event in rows], "next_after": _next(rows, after)}
        )

    def _readable(self, rows: QuerySet[Event]) -> QuerySet[Event]:
        if self.user.is_admin:
            return rows
        visible = Channel.objects.visible_to(self.user).values("id")
        return rows.filter(Q(channel_id__in=visible))


def _next(rows: list[Event], after: int) -> int:
    return rows[-1].pk if rows else after


def _settled_before() -> Any:
    """Whatever happened before this instant has been committed, or never will be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(now(), min(xact_start)) - %s * interval '1 second' FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_xid IS NOT NULL",
            [SETTLING_SECONDS],
        )
        return cursor.fetchone()[0]


def _number(request: Request, name: str, default: int) -> int:
    written = request.query_params.get(name, str(default))
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        raise ValidationError({name: ["Give a whole number, 0 or more."]})
    return int(written)


def _kinds(request: Request) -> list[str]:
    wanted = request.query_params.get("kind")
    kinds = list(KINDS) if wanted is None else wanted.split(",")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise ValidationError({"kind": [f"There are no events of the kind {unknown[0]!r}."]})
    return kinds
