"""What people look through: views they keep, what they were told, and what they search."""

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Team
from apps.api.base import Resource
from apps.api.changes import UpdatedSince
from apps.api.fields import LARGEST_ID, Id, one_of
from apps.api.single import Single
from apps.api.v1.customers import IdentitySerializer
from apps.api.v1.messages import MessageSerializer
from apps.conversations.models import Notification, SavedView
from apps.conversations.operations import keeping_views
from apps.conversations.operations.notifying import note_read
from apps.conversations.queries import searching
from apps.conversations.queries.asking import Asked, Queue
from apps.conversations.queries.searching import Said

GIVEN = "Filters and order, as the address of a list has them: channel, tag, over, order."


class ViewSerializer(serializers.ModelSerializer[SavedView]):
    """A list under a name: a queue and what narrows it. Without a team it is its owner's alone."""

    queue = serializers.ChoiceField(choices=[(str(queue), queue.label) for queue in Queue])
    given = serializers.DictField(child=serializers.CharField(max_length=100), help_text=GIVEN)

    class Meta:
        model = SavedView
        fields = ["id", "owner", "team", "name", "queue", "given"]
        read_only_fields = ["id", "owner"]


class KeepSerializer(serializers.Serializer[Any]):
    """A list to keep under a name; with a team, for everybody in it."""

    name = serializers.CharField(max_length=SavedView.LONGEST_NAME)
    queue = serializers.ChoiceField(choices=[(str(queue), queue.label) for queue in Queue])
    given = serializers.DictField(
        child=serializers.CharField(max_length=100), default=dict, help_text=GIVEN
    )
    team = Id(required=False, allow_null=True, default=None)


class Views(ListModelMixin, Single[SavedView]):
    """Views that the caller keeps, and those shared with their teams."""

    serializer_class = ViewSerializer
    queryset = SavedView.objects.none()

    def get_queryset(self) -> QuerySet[SavedView]:
        """Return those this person sees in the rail."""
        return SavedView.objects.seen_by(self.user).select_related("team")

    @extend_schema(request=KeepSerializer, responses={201: ViewSerializer})
    def create(self, request: Request) -> Response:
        """Keep a list as a view."""

        def keep() -> SavedView:
            return keeping_views.keep_view(
                **self._about(self.said(KeepSerializer)), by=self.user, at=timezone.now()
            )

        return self.made(keep)

    @extend_schema(request=KeepSerializer, responses=ViewSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a view, share it, or let it show another list."""

        def change(view: SavedView) -> None:
            kept = {
                "name": view.name,
                "queue": view.queue,
                "given": view.given,
                "team": view.team_id,
            }
            said = {**kept, **self.said(KeepSerializer, partial=True)}
            keeping_views.change_view(
                view=view, **self._about(said), by=self.user, at=timezone.now()
            )

        return self.decided(pk, change)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a view; what stood in it stays where it is."""
        return self.gone(
            pk, lambda view: keeping_views.drop_view(view=view, by=self.user, at=timezone.now())
        )

    def _about(self, said: dict[str, Any]) -> dict[str, Any]:
        try:
            asked = Asked.parse(Queue(said["queue"]), said["given"])
        except ValueError as error:
            raise ValidationError({"given": ["This names a filter that is not known."]}) from error
        team = said["team"]
        return {
            "name": said["name"],
            "queue": str(asked.queue),
            "given": asked.given(),
            "team": None if team is None else one_of(Team.objects.all(), team, field="team"),
        }


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """One thing that the caller's person was told: of a conversation, or, to admins, of a webhook
    that the desk switched off, whose id and name are `about_id` and `about`.
    """

    class Meta:
        model = Notification
        fields = [
            "id",
            "kind",
            "conversation",
            "about_id",
            "about",
            "why",
            "clock_kind",
            "since",
            "due_at",
            "message",
            "by",
            "at",
            "read_at",
        ]


class ReadSerializer(serializers.Serializer[Any]):
    """How many were unread."""

    read = serializers.IntegerField()


class NotificationFilter(filters.FilterSet):  # type: ignore[misc]
    """Which notifications."""

    unread = filters.BooleanFilter(field_name="read_at", lookup_expr="isnull")
    updated_since = UpdatedSince(lambda rows, at: rows.filter(Q(at__gte=at) | Q(read_at__gte=at)))


class Notifications(ListModelMixin, Single[Notification]):
    """What the caller's person was told in the console."""

    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        """Return those this person may still read."""
        return Notification.objects.shown_to(self.user)

    @extend_schema(request=None, responses=ReadSerializer, filters=False)
    @action(detail=False, methods=["post"], filterset_class=None)
    def read(self, request: Request) -> Response:
        """Note that all of it was read."""
        return self.acting(lambda: Response({"read": note_read(by=self.user, at=timezone.now())}))


@extend_schema_serializer(many=False)
class FoundSerializer(serializers.Serializer[Any]):
    """Messages, newest first, people, and the id before which the next messages stand."""

    messages = MessageSerializer(many=True)
    people = IdentitySerializer(many=True)
    next_before = serializers.IntegerField(allow_null=True)


class AskedSerializer(serializers.Serializer[Any]):
    """What is searched, where."""

    q = serializers.CharField(max_length=searching.LONGEST_QUERY)
    said = serializers.ChoiceField(
        choices=[str(said) for said in Said if said], required=False, default=""
    )
    channel = Id(required=False, default=None)
    before = Id(required=False, default=None)


class Search(Resource[Model]):
    """Messages and people by words, as the console's search finds them."""

    serializer_class = FoundSerializer
    pagination_class: Any = None
    filter_backends: list[Any] = []

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q",
                {"type": "string", "minLength": 1},
                required=True,
                description='Words, "phrases in quotes" and beginnings*: all must be there.',
            ),
            OpenApiParameter(
                "said",
                str,
                enum=[str(s) for s in Said if s],
                description="By customers, by us, or in notes.",
            ),
            OpenApiParameter("channel", int, description="Only there."),
            OpenApiParameter("before", int, description="`next_before` of the page before."),
        ],
        responses=FoundSerializer,
    )
    def list(self, request: Request) -> Response:
        """Find what the caller may read, the newest first."""
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        query = searching.Query(said["q"], Said(said["said"]), said["channel"])
        before = min(said["before"] or LARGEST_ID, LARGEST_ID)
        hits = searching.messages(query, user=self.user, before=said["before"] and before)
        people = [] if said["before"] else searching.people(query, user=self.user)
        return Response(
            {
                "messages": MessageSerializer(hits.messages, many=True).data,
                "people": IdentitySerializer(people, many=True).data,
                "next_before": hits.next,
            }
        )
