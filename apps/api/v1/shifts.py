"""Shifts: when people mean to be on, planned by whoever manages them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents import operations
from apps.agents.models import Shift, Team, User
from apps.agents.programs import MANAGE
from apps.agents.spans import Span
from apps.api.fields import Id, IdFilter, one_of
from apps.api.instants import EARLIEST, LATEST, Instant, InstantFilter
from apps.api.single import Single
from apps.common.errors import DeskError
from apps.conversations.operations import returning


class ShiftSerializer(serializers.ModelSerializer[Shift]):
    """When somebody means to be on; without an end, until further notice."""

    class Meta:
        model = Shift
        fields = ["id", "user", "starts_at", "ends_at"]


class SpanSerializer(serializers.Serializer[Any]):
    """From when to when; without an end, until further notice."""

    starts_at = Instant()
    ends_at = Instant(allow_null=True, default=None)


class PlanSerializer(SpanSerializer):
    """Who is on then."""

    user = Id()


class CopySerializer(serializers.Serializer[Any]):
    """Whose week, by its Monday."""

    team = Id()
    monday = serializers.DateField()


class CopiedSerializer(serializers.Serializer[Any]):
    """How many shifts were planned."""

    copied = serializers.IntegerField()


class ShiftFilter(filters.FilterSet):  # type: ignore[misc]
    """Which shifts."""

    user = IdFilter(field_name="user")
    starts_after = InstantFilter(field_name="starts_at", lookup_expr="gte")


class Shifts(ListModelMixin, Single[Shift]):
    """Shifts of colleagues."""

    serializer_class = ShiftSerializer
    filterset_class = ShiftFilter
    queryset = Shift.objects.none()
    scope = MANAGE

    def get_queryset(self) -> QuerySet[Shift]:
        """Return those of whom this person sees under People."""
        colleagues = User.objects.colleagues_of(self.user)
        return Shift.objects.filter(user__in=colleagues).select_related("user")

    def hold(self, row: Shift) -> None:
        """Lock whose plan it is, as planning does."""
        User.objects.select_for_update(no_key=True).get(id=row.user_id)

    @extend_schema(request=PlanSerializer, responses={201: ShiftSerializer})
    def create(self, request: Request) -> Response:
        """Have somebody on; what overlaps or touches another shift of theirs becomes one."""

        def plan() -> Shift:
            said = self.said(PlanSerializer)
            user = one_of(User.objects.colleagues_of(self.user), said["user"], field="user")
            span = _span(said)
            operations.plan(user=user, spans=[span], by=self.user, at=timezone.now())
            planned: Shift = user.shifts.filter(starts_at__lte=span.starts_at).latest("starts_at")
            return planned

        return self.made(plan)

    @extend_schema(request=SpanSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Give a shift other times; what overlaps or touches another becomes one with it."""

        def move(shift: Shift) -> None:
            now = timezone.now()
            operations.move(shift=shift, to=_span(self.said(SpanSerializer)), by=self.user, at=now)
            returning.hand_back(at=now)

        return self.gone(pk, move)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a shift out of the plan; one that has begun ends now, and its work is given out."""

        def take_out(shift: Shift) -> None:
            now = timezone.now()
            operations.take_out(shift=shift, by=self.user, at=now)
            returning.hand_back(at=now)

        return self.gone(pk, take_out)

    @extend_schema(request=CopySerializer, responses=CopiedSerializer, filters=False)
    @action(detail=False, methods=["post"], filterset_class=None)
    def copy(self, request: Request) -> Response:
        """Plan a team's week as the week before was."""

        def act() -> Response:
            said = self.said(CopySerializer)
            teams = Team.objects.all() if self.user.is_admin else self.user.teams.all()
            team = one_of(teams, said["team"], field="team")
            copied = operations.copy_last_week(
                team=team,
                monday=_monday(said["monday"]),
                zone=ZoneInfo(settings.TIME_ZONE),
                by=self.user,
                at=timezone.now(),
            )
            return Response({"copied": copied})

        return self.acting(act)


def _span(said: dict[str, datetime]) -> Span:
    span = Span(said["starts_at"], said["ends_at"])
    if span.ends_at is not None and span.ends_at <= span.starts_at:
        raise DeskError("A shift ends after it begins. Choose a later end.")
    return span


def _monday(day: date) -> date:
    if day.weekday() or not EARLIEST.date() < day < LATEST.date():
        raise DeskError("A week is named by its Monday: choose one.")
    return day
