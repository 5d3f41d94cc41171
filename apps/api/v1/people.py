"""People of the desk: users and teams, as far as colleagues see each other, and oneself."""

from collections.abc import Callable
from typing import Any

from django.core.validators import RegexValidator
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
from apps.agents.models import HEAVIEST, LONGEST_MINUTES, Presence, Team, User
from apps.agents.notifications import NotificationKind
from apps.agents.operations.shaping import OF_A_TEAM, OF_ONESELF
from apps.agents.programs import MANAGE, WRITE
from apps.api.fields import IdFilter, Words
from apps.api.single import Single
from apps.channels.connector import Surface
from apps.conversations.operations import returning

LONGEST_LANGUAGE, LONGEST_SKILL = 35, 40


class UserSerializer(serializers.ModelSerializer[User]):
    """Somebody who works here; `standing` is whether they are there."""

    standing = serializers.ChoiceField(choices=Presence.Standing.choices)

    class Meta:
        model = User
        fields = [
            "id",
            "name",
            "email",
            "role",
            "is_active",
            "initials",
            "teams",
            "capacity",
            "languages",
            "skills",
            "standing",
        ]


class PersonSerializer(serializers.Serializer[Any]):
    """What somebody can take; people say themselves which languages they write."""

    capacity = serializers.IntegerField(min_value=0, max_value=500, required=False)
    languages = Words(LONGEST_LANGUAGE, required=False)
    skills = Words(LONGEST_SKILL, required=False)


class OneselfSerializer(serializers.ModelSerializer[User]):
    """What people decide for themselves; `muted_kinds` and `mailed_kinds` are of notifications."""

    initials = serializers.CharField(
        max_length=4,
        validators=[RegexValidator(r"^[^\W_]{1,4}\Z", "Take one to four letters or digits.")],
    )
    languages = Words(LONGEST_LANGUAGE)
    muted_kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=NotificationKind.choices), max_length=20
    )
    mailed_kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=NotificationKind.choices), max_length=20
    )

    class Meta:
        model = User
        fields = ["id", "email", "role", *OF_ONESELF]
        read_only_fields = ["id", "email", "role"]


class PresenceSerializer(serializers.Serializer[Any]):
    """Whether somebody is there; who goes off gives what waits with them to others."""

    standing = serializers.ChoiceField(choices=Presence.Standing.choices)


class UserFilter(filters.FilterSet):  # type: ignore[misc]
    """Which people."""

    role = filters.ChoiceFilter(choices=User.Role.choices)
    team = IdFilter(field_name="membership__team")
    is_active = filters.BooleanFilter()


class NewTeamSerializer(serializers.Serializer[Any]):
    """What a team is called."""

    name = serializers.CharField(max_length=80)


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A group of agents who answer for some channels; minutes of null switch off what they are for.

    `weights` says how much of an agent's capacity a conversation takes, by surface; else 1.
    """

    return_minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, allow_null=True
    )
    affinity_minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, allow_null=True
    )
    away_minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES, allow_null=True)
    languages = Words(LONGEST_LANGUAGE)
    weights = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=HEAVIEST), required=False
    )

    class Meta:
        model = Team
        fields = ["id", *OF_A_TEAM]

    def validate_weights(self, weights: dict[str, int]) -> dict[str, int]:
        """Weights are of surfaces."""
        if unknown := sorted(set(weights) - set(Surface)):
            raise serializers.ValidationError(f"There is no surface named {unknown[0]}.")
        return weights


class Users(ListModelMixin, Single[User]):
    """Colleagues: everybody for an admin; else whoever shares a team, and oneself."""

    serializer_class = UserSerializer
    filterset_class = UserFilter
    queryset = User.objects.none()
    scope = MANAGE

    def get_queryset(self) -> QuerySet[User]:
        """Return those this person sees under People."""
        found: QuerySet[User] = User.objects.with_standing(at=timezone.now())
        return found.filter(id__in=User.objects.colleagues_of(self.user)).prefetch_related("teams")

    @extend_schema(request=PersonSerializer, responses=UserSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say what somebody can take, as their managers and admins do."""

        def change(user: User) -> None:
            changes = self.said(PersonSerializer, partial=True)
            operations.change_person(user=user, changes=changes, by=self.user, at=timezone.now())

        return self.decided(pk, change)

    @extend_schema(request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="let-go")
    def let_go(self, request: Request, pk: str) -> Response:
        """Deactivate somebody: they can't sign in any more, and their work is given out."""

        def act() -> Response:
            now = timezone.now()
            user = self.matching(pk)
            operations.deactivate(user=user, by=self.user, at=now)
            returning.hand_back(at=now)
            user.refresh_from_db()
            return self.shown(user)

        return self.acting(act)

    @extend_schema(request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request: Request, pk: str) -> Response:
        """Let somebody sign in again who was let go, with what they had."""
        return self._decided(pk, operations.bring_back)

    @extend_schema(request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="sign-out")
    def sign_out(self, request: Request, pk: str) -> Response:
        """End every session of somebody, as admins do; they may sign in again."""
        return self._decided(pk, operations.sign_out_everywhere)

    @extend_schema(methods=["GET"], responses=OneselfSerializer, filters=False)
    @extend_schema(methods=["PATCH"], request=OneselfSerializer, responses=OneselfSerializer)
    @action(detail=False, methods=["get", "patch"], scope=WRITE, filterset_class=None)
    def me(self, request: Request) -> Response:
        """What the caller's person decides for themselves; what a change leaves out stays."""

        def act() -> Response:
            changes = self.said(OneselfSerializer, partial=True)
            operations.change_oneself(changes=changes, by=self.user, at=timezone.now())
            return Response(OneselfSerializer(User.objects.get(id=self.user.pk)).data)

        if request.method == "GET":
            return Response(OneselfSerializer(self.user).data)
        return self.acting(act)

    @extend_schema(request=PresenceSerializer, responses=PresenceSerializer, filters=False)
    @action(
        detail=False,
        methods=["post"],
        url_path="me/presence",
        people_only=True,
        filterset_class=None,
    )
    def presence(self, request: Request) -> Response:
        """Be on, away or off; only a person says so of themselves."""

        def act() -> Response:
            standing = Presence.Standing(self.said(PresenceSerializer)["standing"])
            now = timezone.now()
            operations.choose(user=self.user, standing=standing, at=now)
            if standing == Presence.Standing.OFF:
                returning.hand_back(at=now)
            return Response({"standing": standing})

        return self.acting(act)

    def _decided(self, pk: str, decide: Callable[..., object]) -> Response:
        return self.decided(pk, lambda user: decide(user=user, by=self.user, at=timezone.now()))


class Teams(ListModelMixin, Single[Team]):
    """One's own teams; all of them for an admin."""

    serializer_class = TeamSerializer
    queryset = Team.objects.none()
    scope = MANAGE

    def get_queryset(self) -> QuerySet[Team]:
        """Return those this person is in."""
        return Team.objects.all() if self.user.is_admin else self.user.teams.all()

    @extend_schema(request=NewTeamSerializer, responses={201: TeamSerializer})
    def create(self, request: Request) -> Response:
        """Make a team, as admins do."""
        return self.made(
            lambda: operations.add_team(
                **self.said(NewTeamSerializer), by=self.user, at=timezone.now()
            )
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """Remove a team that nothing belongs to any more, as admins do."""
        return self.gone(
            pk, lambda team: operations.remove_team(team=team, by=self.user, at=timezone.now())
        )

    def partial_update(self, request: Request, pk: str) -> Response:
        """Say how a team works, as its managers and admins do."""

        def change(team: Team) -> None:
            changes = self.said(TeamSerializer, partial=True)
            operations.change_team(team=team, changes=changes, by=self.user, at=timezone.now())

        return self.decided(pk, change)
