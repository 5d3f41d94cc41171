"""Policies: what the desk promises, in the order in which they are asked."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Team, User
from apps.agents.programs import MANAGE
from apps.api.fields import Id
from apps.api.single import Single
from apps.channels.models import Channel
from apps.labels.models import Flag, Tag
from apps.sla.models import BusinessHours, Policy, PolicyVersion
from apps.sla.operations import move_policy, retire_policy, save_policy
from apps.sla.operations.promising import SAID
from apps.sla.queries import newest_version, present_policies, versions_of

LARGEST_RANK = 10_000
OF_ITS_OWN = ("channel", "team", "tag", "flag", "business_hours")


class PolicySerializer(serializers.ModelSerializer[PolicyVersion]):
    """For whom something is promised, how fast, and by which hours; the first that fits judges.

    `rank` is its place in the list, 1 the first, null once it is retired. Every change makes a new
    `version`; a wait keeps the one under which it opened.
    """

    id = serializers.IntegerField(source="policy_id", read_only=True)
    rank = serializers.SerializerMethodField()

    class Meta:
        model = PolicyVersion
        fields = ["id", "version", "rank", *SAID, "is_retired", "saved_by", "saved_at"]
        read_only_fields = ["version", "is_retired", "saved_by", "saved_at"]
        extra_kwargs = {"name": {"required": True}}

    def get_rank(self, version: PolicyVersion) -> int | None:
        """Its place in the list."""
        return self.context["ranks"].get(version.pk)  # type: ignore[no-any-return]


class PolicyVersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    """What a policy said until its next version was saved."""

    id = serializers.IntegerField(source="policy_id", read_only=True)

    class Meta:
        model = PolicyVersion
        fields = ["id", "version", *SAID, "is_retired", "saved_by", "saved_at"]


@extend_schema_serializer(many=False)
class PoliciesSerializer(serializers.Serializer[Any]):
    """The whole list, in its order."""

    results = PolicySerializer(many=True)


@extend_schema_serializer(many=False)
class VersionsSerializer(serializers.Serializer[Any]):
    """All that was ever saved of one policy, newest first."""

    results = PolicyVersionSerializer(many=True)


class RankSerializer(serializers.Serializer[Any]):
    """Where in the list it shall stand, 1 the first."""

    rank = serializers.IntegerField(min_value=1, max_value=LARGEST_RANK)


class SayingSerializer(PolicySerializer):
    """What a policy shall say. `rank` is where it shall stand; without, it stays, or comes last."""

    rank = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_RANK)  # type: ignore[assignment]
    channel = Id(required=False, allow_null=True)
    team = Id(required=False, allow_null=True)
    tag = Id(required=False, allow_null=True)
    flag = Id(required=False, allow_null=True)
    business_hours = Id(required=False, allow_null=True)

    class Meta(PolicySerializer.Meta):
        fields = [*SAID, "rank"]
        read_only_fields: list[str] = []


class Policies(Single[PolicyVersion]):
    """Policies, but those for channels that the caller may not read."""

    serializer_class = PolicySerializer
    queryset = PolicyVersion.objects.none()
    pagination_class: Any = None
    filter_backends: list[Any] = []
    scope = MANAGE

    @extend_schema(responses=PoliciesSerializer)
    def list(self, request: Request) -> Response:
        """Answer with those that are in force, in their order."""
        shown = [one for one in present_policies() if self._may_read(one)]
        serializer: Any = self.get_serializer(shown, many=True)
        return Response({"results": serializer.data})

    def get_queryset(self) -> QuerySet[PolicyVersion]:
        """Return none: a policy is found by its newest version."""
        return PolicyVersion.objects.none()

    def get_serializer_context(self) -> dict[str, Any]:
        """Add each one's place in the list."""
        ranks = {one.pk: rank for rank, one in enumerate(present_policies(), 1)}
        return {**super().get_serializer_context(), "ranks": ranks}

    def found(self, key: int) -> PolicyVersion:
        """Return the newest version of a policy; one for a hidden channel is unknown."""
        newest = versions_of(get_object_or_404(Policy, id=key))[0]
        if not self._may_read(newest):
            raise Http404
        return newest

    def hold(self, row: PolicyVersion) -> None:
        """Let the policy be decided about by nobody else with an ETag; `seen` guards the rest."""
        Policy.objects.select_for_update(no_key=True).get(id=row.policy_id)

    @extend_schema(request=SayingSerializer, responses={201: PolicySerializer})
    def create(self, request: Request) -> Response:
        """Promise something new."""

        def act() -> Response:
            said = self.said(SayingSerializer)
            rank = said.pop("rank", None)
            saved = save_policy(
                said=_version(self.user, said), rank=rank, by=self.user, at=timezone.now()
            )
            answer = self.shown(self.found(saved.policy_id), status=201)
            answer["Location"] = f"{request.path}{saved.policy_id}/"
            return answer

        return self.acting(act)

    @extend_schema(request=SayingSerializer, responses=PolicySerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save its next version; what is left out stays as it was."""

        def save(present: PolicyVersion) -> None:
            said = self.said(SayingSerializer, partial=True)
            rank = said.pop("rank", None)
            kept = {name: getattr(present, name) for name in SAID}
            changed = _version(self.user, said, kept)
            save_policy(
                said=changed,
                policy=present.policy,
                rank=rank,
                seen=_newest_seen(),
                by=self.user,
                at=timezone.now(),
            )

        return self._decided(pk, save)

    @extend_schema(request=RankSerializer, responses=PolicySerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Let it stand elsewhere in the list."""

        def move(present: PolicyVersion) -> None:
            rank = self.said(RankSerializer)["rank"]
            move_policy(policy=present.policy, rank=rank, by=self.user, at=timezone.now())

        return self._decided(pk, move)

    @extend_schema(request=None, responses=PolicySerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Promise it no more; waits that it judges keep what they were promised."""

        def retire(present: PolicyVersion) -> None:
            retire_policy(policy=present.policy, by=self.user, at=timezone.now())

        return self._decided(pk, retire)

    @extend_schema(responses=VersionsSerializer)
    @action(detail=True, methods=["get"])
    def versions(self, request: Request, pk: str) -> Response:
        """Answer with all that was ever saved of it."""
        policy = self.found(int(pk)).policy
        shown = [one for one in versions_of(policy) if self._may_read(one)]
        return Response({"results": PolicyVersionSerializer(shown, many=True).data})

    def _decided(self, pk: str, decide: Any) -> Response:
        def act() -> Response:
            decide(self.matching(pk))
            return self.shown(self.found(int(pk)))

        return self.acting(act)

    def _may_read(self, version: PolicyVersion) -> bool:
        readable = Channel.objects.visible_to(self.user)
        return version.channel_id is None or readable.filter(id=version.channel_id).exists()


def _version(user: User, said: dict[str, Any], kept: dict[str, Any] | None = None) -> PolicyVersion:
    """Return what was said over what was kept, with the rows that its ids name."""
    known: dict[str, QuerySet[Any]] = {
        "channel": Channel.objects.visible_to(user),
        "team": Team.objects.all(),
        "tag": Tag._default_manager.all(),
        "flag": Flag._default_manager.all(),
        "business_hours": BusinessHours.objects.all(),
    }
    for name in OF_ITS_OWN:
        if said.get(name) is not None:
            said[name] = get_object_or_404(known[name], pk=said[name])
    return PolicyVersion(**{**(kept or {}), **said})


def _newest_seen() -> int:
    newest = newest_version()
    return newest.pk if newest else 0
