"""Reports: the figures of the dashboard, as the person who answers for the caller sees them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.base import Resource
from apps.conversations.models import Clock
from apps.reports.figures import Times, Volume
from apps.reports.legs import legs
from apps.reports.periods import Period
from apps.reports.queries import response_times, volume
from apps.reports.questions import By, Filters, Question, Way

LONGEST_RANGE, USUAL_RANGE = 1096, 30
LINES = [str(by) for by in By]


class AskedSerializer(serializers.Serializer[Any]):
    """Which days, both included, in the desk's zone, and which part of the desk.

    Without days it is the last 30. The agent 0 is nobody known, the tag 0 no tag.
    """

    first = serializers.DateField(required=False, help_text="The first day.")
    last = serializers.DateField(required=False, help_text="The last day.")
    channel = serializers.IntegerField(required=False, min_value=1)
    team = serializers.IntegerField(required=False, min_value=1)
    network = serializers.CharField(required=False, max_length=20)
    agent = serializers.IntegerField(required=False, min_value=0, help_text="Who sent the reply.")
    surface = serializers.CharField(required=False, max_length=8)
    language = serializers.CharField(required=False, max_length=35)
    tag = serializers.IntegerField(required=False, min_value=0)
    hour = serializers.IntegerField(required=False, min_value=0, max_value=23)
    hour_of_week = serializers.IntegerField(
        required=False, min_value=0, max_value=167, help_text="From 0, midnight on Monday."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A range runs forwards and is not longer than the desk can count at once."""
        first, last = attrs.get("first"), attrs.get("last")
        if first and last and first > last:
            raise serializers.ValidationError("The first day comes after the last: swap them.")
        if first and last and (last - first).days >= LONGEST_RANGE:
            raise serializers.ValidationError(f"Choose at most {LONGEST_RANGE} days.")
        return attrs


class LinesSerializer(AskedSerializer):
    """And for what there is one line each."""

    by = serializers.ChoiceField(choices=LINES, required=False)


class TimesAskedSerializer(LinesSerializer):
    """And which waits; in open hours rather than wall time, exactly whatever it takes."""

    kind = serializers.ChoiceField(choices=Clock.Kind.values, default=Clock.Kind.FIRST_RESPONSE)
    open_hours = serializers.BooleanField(required=False)
    exact = serializers.BooleanField(required=False)


class FiguresSerializer(serializers.Serializer[Any]):
    """Waits of one line: `count` ended as hoped and are measured, in seconds."""

    key = serializers.JSONField(help_text="An id, a word, a day or an hour; null for nobody's.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()
    dismissed = serializers.IntegerField()
    running = serializers.IntegerField()
    running_since = serializers.DateTimeField(allow_null=True)
    p50 = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    met = serializers.IntegerField()
    breached = serializers.IntegerField()
    past_due = serializers.IntegerField()
    compliance = serializers.FloatField(allow_null=True)
    answered_share = serializers.FloatField(allow_null=True)


class SaidSerializer(serializers.Serializer[Any]):
    """Messages of one line: what customers wrote, and what the network accepted of the desk's."""

    key = serializers.JSONField(help_text="An id, a word, a day or an hour; null for nobody's.")
    label = serializers.CharField()  # type: ignore[assignment]
    inbound = serializers.IntegerField()
    outbound = serializers.IntegerField()


class AnswerSerializer(serializers.Serializer[Any]):
    """What every answer tells of itself: the days, and how exact it is."""

    first = serializers.DateField(source="question.period.first")
    last = serializers.DateField(source="question.period.last")
    by = serializers.CharField(allow_null=True)
    is_exact = serializers.BooleanField()
    bound = serializers.FloatField(
        help_text="Percentiles lie in a bucket whose end is at most this share above its beginning."
    )
    counted_until = serializers.DateTimeField(
        allow_null=True, help_text="What changed since then is counted within seconds."
    )


class TimesSerializer(AnswerSerializer):
    """How long it took, in all and line by line."""

    kind = serializers.CharField()
    total = FiguresSerializer()
    lines = FiguresSerializer(many=True)


class VolumeSerializer(AnswerSerializer):
    """How much was said, in all and line by line."""

    total = SaidSerializer()
    lines = SaidSerializer(many=True)


class LegSerializer(serializers.Serializer[Any]):
    """One part of the wait, in seconds, and its share of all the time."""

    leg = serializers.CharField()
    p50 = serializers.FloatField()
    p90 = serializers.FloatField()
    mean = serializers.FloatField()
    share = serializers.FloatField()


class LegsSerializer(serializers.Serializer[Any]):
    """Where the time of the replies went that were written here."""

    count = serializers.IntegerField()
    bound = serializers.FloatField()
    lines = LegSerializer(many=True)


class Reports(Resource[Clock]):
    """The dashboard's figures: of one's teams, an agent's own and their teams' sums."""

    queryset: QuerySet[Clock] = Clock.objects.none()
    filter_backends = []
    pagination_class = None

    @extend_schema(parameters=[TimesAskedSerializer], responses=TimesSerializer)
    @action(detail=False, url_path="response-times")
    def response_times(self, request: Request) -> Response:
        """Tell how long people waited for an answer, or until they were helped."""
        asked = _valid(TimesAskedSerializer, request)
        answer: Times = response_times(
            self._question(asked), kind=Clock.Kind(asked["kind"]), by=_by(asked)
        )
        return Response(TimesSerializer(answer).data)

    @extend_schema(parameters=[LinesSerializer], responses=VolumeSerializer)
    @action(detail=False)
    def volume(self, request: Request) -> Response:
        """Tell how many messages came in and went out."""
        asked = _valid(LinesSerializer, request)
        answer: Volume = volume(self._question(asked), by=_by(asked))
        return Response(VolumeSerializer(answer).data)

    @extend_schema(parameters=[AskedSerializer], responses=LegsSerializer)
    @action(detail=False)
    def legs(self, request: Request) -> Response:
        """Tell where the time of answers went."""
        asked = _valid(AskedSerializer, request)
        return Response(LegsSerializer(legs(self._question(asked))).data)

    def _question(self, asked: dict[str, Any]) -> Question:
        at = timezone.now()
        return Question(
            user=self.user,
            period=_period(asked, at=at),
            at=at,
            filters=Filters(
                channel_id=asked.get("channel"),
                team_id=asked.get("team"),
                network=asked.get("network"),
                agent_id=asked.get("agent"),
                surface=asked.get("surface"),
                language=asked.get("language"),
                tag_id=asked.get("tag"),
                hour=asked.get("hour"),
                hour_of_week=asked.get("hour_of_week"),
            ),
            in_open_hours=bool(asked.get("open_hours")),
            way=Way.EXACT if asked.get("exact") else Way.BY_SIZE,
        )


def _valid(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    asked = serializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    valid: dict[str, Any] = asked.validated_data
    return valid


def _period(asked: dict[str, Any], *, at: datetime) -> Period:
    """One day where only one is named."""
    days = [day for day in (asked.get("first"), asked.get("last")) if day is not None]
    return Period(days[0], days[-1]) if days else Period.of_days(USUAL_RANGE, at=at)


def _by(asked: dict[str, Any]) -> By | None:
    return By(asked["by"]) if asked.get("by") else None
