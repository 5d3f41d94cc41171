"""Webhooks, for admins: which programs are told of what, and how that fares."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Team
from apps.agents.programs import MANAGE
from apps.api.fields import Ids, all_of
from apps.api.single import Single
from apps.webhooks import queries
from apps.webhooks.catalogue import KINDS
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.operations import subscribing

KIND_CHOICES = list(KINDS.items())


class WebhookSerializer(serializers.ModelSerializer[Subscription]):
    """An endpoint that is told of events, of some teams or of all."""

    waiting = serializers.IntegerField(help_text="Tellings that wait.")
    given_up = serializers.IntegerField(help_text="Tellings that were given up.")
    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Subscription
        fields = [
            "id",
            "name",
            "url",
            "kinds",
            "teams",
            "is_on",
            "is_failed",
            "off_because",
            "previous_until",
            "last_taken_at",
            "waiting",
            "given_up",
            "created_at",
            "created_by",
        ]


class SubscribeSerializer(serializers.Serializer[Any]):
    """Who is told of what; no teams means all of them, also those to come."""

    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=2000)
    kinds = serializers.MultipleChoiceField(choices=KIND_CHOICES, allow_empty=False)
    teams = Ids(required=False, default=list)


class SecretSerializer(serializers.Serializer[Any]):
    """What signs; while it is being replaced, `previous` signs as well, until then."""

    secret = serializers.CharField()
    previous = serializers.CharField(source="previous_secret")
    previous_until = serializers.DateTimeField(allow_null=True)


class TellingSerializer(serializers.ModelSerializer[Dispatch]):
    """One event on its way to a webhook; `history` has an entry for each attempt."""

    history = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Dispatch
        fields = [
            "id",
            "event",
            "webhook_id",
            "state",
            "attempts",
            "next_at",
            "created_at",
            "settled_at",
            "history",
        ]

    webhook_id = serializers.CharField()


class TellingsSerializer(serializers.Serializer[Any]):
    """The newest 50 of a webhook's log."""

    results = TellingSerializer(many=True)


class Webhooks(ListModelMixin, Single[Subscription]):
    """Webhooks; to everybody but admins they don't exist."""

    serializer_class = WebhookSerializer
    queryset = Subscription.objects.none()
    filter_backends: list[Any] = []
    scope = MANAGE
    admins_only = True

    def get_queryset(self) -> QuerySet[Subscription]:
        """Return all of them."""
        return queries.subscriptions()

    def hold(self, row: Subscription) -> None:
        """Lock it, as every decision about it does."""
        Subscription.objects.select_for_update(no_key=True).get(id=row.pk)

    @extend_schema(request=SubscribeSerializer, responses={201: WebhookSerializer})
    def create(self, request: Request) -> Response:
        """Have an endpoint told from now on."""

        def subscribe() -> Subscription:
            said = self._about(self.said(SubscribeSerializer))
            return subscribing.subscribe(**said, by=self.user, at=timezone.now())

        return self.made(subscribe)

    @extend_schema(request=SubscribeSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Have it told otherwise from now on."""

        def change(webhook: Subscription) -> None:
            kept = {
                "name": webhook.name,
                "url": webhook.url,
                "kinds": webhook.kinds,
                "teams": [team.pk for team in webhook.teams.all()],
            }
            said = self._about({**kept, **self.said(SubscribeSerializer, partial=True)})
            subscribing.change(subscription=webhook, **said, by=self.user, at=timezone.now())

        return self.decided(pk, change)

    def destroy(self, request: Request, pk: str) -> Response:
        """Forget it with its log and whatever waits."""
        return self.gone(pk, self._doing(subscribing.remove))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Have it told of a test; its log says how that went."""
        return self.decided(pk, self._doing(subscribing.test))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request: Request, pk: str) -> Response:
        """Tell it again, first of what had waited."""
        return self.decided(pk, self._doing(subscribing.switch_on))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, pk: str) -> Response:
        """Tell it nothing until it is switched on again; what waits is kept."""
        return self.decided(pk, self._doing(subscribing.switch_off))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Sign with a new secret, and for a day with the present one as well."""
        return self.decided(pk, self._doing(subscribing.rotate))

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"], url_path="end-rotation")
    def end_rotation(self, request: Request, pk: str) -> Response:
        """Sign with the new secret alone."""
        return self.decided(pk, self._doing(subscribing.end_rotation))

    @extend_schema(responses=SecretSerializer)
    @action(detail=True, methods=["get"], read_scope=MANAGE)
    def secret(self, request: Request, pk: str) -> Response:
        """Answer with what signs, for whoever checks signatures."""
        shown = subscribing.show_secret(
            subscription=self.found(int(pk)), by=self.user, at=timezone.now()
        )
        return Response(SecretSerializer(shown).data)

    @extend_schema(responses=TellingsSerializer)
    @action(detail=True, methods=["get"])
    def log(self, request: Request, pk: str) -> Response:
        """Answer with the newest tellings and every attempt at them."""
        shown = queries.log(self.found(int(pk)))[:50]
        return Response({"results": TellingSerializer(shown, many=True).data})

    @extend_schema(request=None, responses=TellingSerializer)
    @action(detail=True, methods=["post"], url_path="log/(?P<telling>[0-9]{1,18})/redeliver")
    def redeliver(self, request: Request, pk: str, telling: str) -> Response:
        """Tell it once more, with all attempts ahead again; the id stays the same."""

        def act() -> Response:
            found = get_object_or_404(queries.log(self.matching(pk)), id=int(telling))
            subscribing.redeliver(dispatch=found, by=self.user, at=timezone.now())
            found.refresh_from_db()
            return Response(TellingSerializer(found).data)

        return self.acting(act)

    def _doing(self, deed: Callable[..., object]) -> Callable[[Subscription], object]:
        return lambda webhook: deed(subscription=webhook, by=self.user, at=timezone.now())

    def _about(self, said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "teams": all_of(Team.objects.all(), said["teams"], field="teams")}
