"""People of the desk: users, teams and shifts, as far as colleagues see each other."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from apps.agents.models import Shift, Team, User
from apps.api.base import Resource
from apps.api.instants import InstantFilter


class UserSerializer(serializers.ModelSerializer[User]):
    """Somebody who works here; `standing` is whether they are there: on, away or off."""

    standing = serializers.CharField()

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


class UserFilter(filters.FilterSet):  # type: ignore[misc]
    """Which people."""

    role = filters.ChoiceFilter(choices=User.Role.choices)
    team = filters.NumberFilter(field_name="membership__team")
    is_active = filters.BooleanFilter()


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A group of agents who answer for some channels."""

    class Meta:
        model = Team
        fields = [
            "id",
            "name",
            "mode",
            "return_minutes",
            "affinity_minutes",
            "away_minutes",
            "languages",
            "weights",
        ]


class ShiftSerializer(serializers.ModelSerializer[Shift]):
    """When somebody means to be on; without an end, until further notice."""

    class Meta:
        model = Shift
        fields = ["id", "user", "starts_at", "ends_at"]


class ShiftFilter(filters.FilterSet):  # type: ignore[misc]
    """Which shifts."""

    user = filters.NumberFilter(field_name="user")
    starts_after = InstantFilter(field_name="starts_at", lookup_expr="gte")


class Users(ListModelMixin, RetrieveModelMixin, Resource[User]):
    """Colleagues: everybody for an admin; else whoever shares a team, and oneself."""

    serializer_class = UserSerializer
    filterset_class = UserFilter
    queryset = User.objects.none()

    def get_queryset(self) -> QuerySet[User]:
        """Return those this person sees under People."""
        found: QuerySet[User] = User.objects.with_standing(at=timezone.now())
        return found.filter(id__in=User.objects.colleagues_of(self.user)).prefetch_related("teams")


class Teams(ListModelMixin, RetrieveModelMixin, Resource[Team]):
    """One's own teams; all of them for an admin."""

    serializer_class = TeamSerializer
    queryset = Team.objects.none()

    def get_queryset(self) -> QuerySet[Team]:
        """Return those this person is in."""
        return Team.objects.all() if self.user.is_admin else self.user.teams.all()


class Shifts(ListModelMixin, RetrieveModelMixin, Resource[Shift]):
    """Shifts of colleagues."""

    serializer_class = ShiftSerializer
    filterset_class = ShiftFilter
    queryset = Shift.objects.none()

    def get_queryset(self) -> QuerySet[Shift]:
        """Return those of whom this person sees under People."""
        return Shift.objects.filter(user__in=User.objects.colleagues_of(self.user))
