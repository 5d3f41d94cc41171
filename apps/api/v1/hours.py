"""Opening hours by name: zone, week and closed days, by which waits are counted."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.programs import MANAGE
from apps.api.single import Single
from apps.sla.models import BusinessHours, BusinessHoursVersion
from apps.sla.operations import save_business_hours
from apps.sla.operations.opening import ENTERED
from apps.sla.queries import current_hours
from apps.sla.week import ALWAYS, WEEKDAYS

MOST_DAYS = 1000
WEEK = {
    "description": 'Spans by day, as {"mon": [["09:00", "17:00"]]}, or "24/7".',
    "oneOf": [
        {"type": "string", "enum": [ALWAYS]},
        {
            "type": "object",
            "properties": {
                day: {
                    "type": "array",
                    "items": {"type": "array", "items": {"type": "string"}},
                }
                for day in WEEKDAYS
            },
        },
    ],
}


@extend_schema_field(WEEK)
class WeekField(serializers.JSONField):
    """A week of spans, checked where it is saved."""


class EnteredSerializer(serializers.Serializer[Any]):
    """Opening hours; on public holidays of a country, or of its region, the desk is closed."""

    zone = serializers.CharField(max_length=64)
    week = WeekField()
    country = serializers.CharField(max_length=2, allow_blank=True, default="")
    subdivision = serializers.CharField(max_length=40, allow_blank=True, default="")
    own_days = serializers.ListField(
        child=serializers.CharField(max_length=10), max_length=MOST_DAYS, default=list
    )


class NewHoursSerializer(EnteredSerializer):
    """Opening hours under a new name."""

    name = serializers.CharField(max_length=80)


class HoursSerializer(NewHoursSerializer):
    """Opening hours; every change makes a new `version`, and a wait keeps the one it opened under.

    `public_days` are the country's public holidays, as they were known when this was saved.
    """

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    public_days = serializers.ListField(child=serializers.CharField())
    saved_by = serializers.IntegerField(allow_null=True)
    saved_at = serializers.DateTimeField()


@extend_schema_serializer(many=False)
class AllHoursSerializer(serializers.Serializer[Any]):
    """Opening hours by name."""

    results = HoursSerializer(many=True)


class Hours(Single[BusinessHoursVersion]):
    """Opening hours of the desk; managers and admins decide about them."""

    serializer_class = HoursSerializer
    queryset = BusinessHoursVersion.objects.none()
    pagination_class: Any = None
    filter_backends: list[Any] = []
    scope = MANAGE

    def get_queryset(self) -> QuerySet[BusinessHoursVersion]:
        """Return the newest version under each name."""
        return current_hours()

    @extend_schema(responses=AllHoursSerializer)
    def list(self, request: Request) -> Response:
        """Answer with the present version under each name."""
        return Response({"results": [self.told(one) for one in self.get_queryset()]})

    def found(self, key: int) -> BusinessHoursVersion:
        """Return the newest version under a name."""
        return get_object_or_404(self.get_queryset(), business_hours=key)

    def told(self, row: BusinessHoursVersion) -> Any:
        """Return it with its name."""
        return {
            "id": row.business_hours_id,
            "name": row.business_hours.name,
            "version": row.version,
            **{name: row.definition[name] for name in (*sorted(ENTERED), "public_days")},
            "saved_by": row.saved_by_id,
            "saved_at": serializers.DateTimeField().to_representation(row.saved_at),
        }

    def hold(self, row: BusinessHoursVersion) -> None:
        """Lock the name, as saving does."""
        BusinessHours.objects.select_for_update().get(id=row.business_hours_id)

    @extend_schema(request=NewHoursSerializer, responses={201: HoursSerializer})
    def create(self, request: Request) -> Response:
        """Make hours under a new name; 409 if there are some of that name."""

        def act() -> Response:
            said = self.said(NewHoursSerializer)
            saved = save_business_hours(
                name=said.pop("name"),
                definition=said,
                seen=0,
                by=self.user,
                at=timezone.now(),
            )
            answer = self.shown(self.found(saved.business_hours_id), status=201)
            answer["Location"] = f"{request.path}{saved.business_hours_id}/"
            return answer

        return self.acting(act)

    @extend_schema(request=EnteredSerializer, responses=HoursSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save the next version; what is left out stays as it was."""

        def act() -> Response:
            present = self.matching(pk)
            said = self.said(EnteredSerializer, partial=True)
            kept = {name: present.definition[name] for name in ENTERED}
            save_business_hours(
                name=present.business_hours.name,
                definition={**kept, **said},
                seen=present.version,
                by=self.user,
                at=timezone.now(),
            )
            return self.shown(self.found(int(pk)))

        return self.acting(act)

    @extend_schema(responses=AllHoursSerializer)
    @action(detail=True, methods=["get"])
    def versions(self, request: Request, pk: str) -> Response:
        """Answer with all that was ever saved under the name, newest first."""
        hours = self.found(int(pk)).business_hours
        saved = hours.versions.select_related("business_hours").order_by("-version")
        return Response({"results": [self.told(one) for one in saved]})
