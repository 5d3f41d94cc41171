"""Customers and their identities: readable across the whole desk."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from apps.agents.models import User
from apps.api.base import Resource
from apps.conversations.models import Conversation
from apps.conversations.queries.people import customers_readable_by
from apps.customers.models import Customer, Identity


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """A customer's handle on one network."""

    class Meta:
        model = Identity
        fields = ["id", "customer", "network", "external_id", "handle", "name", "named_at"]


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A person outside the desk; `name` is what a colleague called them, often nothing."""

    identities = IdentitySerializer(many=True)

    class Meta:
        model = Customer
        fields = ["id", "name", "first_seen_at", "flags", "identities"]


class CustomerFilter(filters.FilterSet):  # type: ignore[misc]
    """Which customers."""

    flag = filters.NumberFilter(field_name="customerflag__flag")


class IdentityFilter(filters.FilterSet):  # type: ignore[misc]
    """Which identities."""

    customer = filters.NumberFilter(field_name="customer")
    network = filters.CharFilter(field_name="network")
    external_id = filters.CharFilter(field_name="external_id")


class Customers(ListModelMixin, RetrieveModelMixin, Resource[Customer]):
    """Customers whom the caller may know of."""

    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    queryset = Customer.objects.none()

    def get_queryset(self) -> QuerySet[Customer]:
        """Return those this person may read of."""
        identities = Prefetch("identities", _identities_readable_by(self.user).order_by("id"))
        return customers_readable_by(self.user).prefetch_related(identities, "flags")


class Identities(ListModelMixin, RetrieveModelMixin, Resource[Identity]):
    """Identities of customers whom the caller may know of."""

    serializer_class = IdentitySerializer
    filterset_class = IdentityFilter
    queryset = Identity.objects.none()

    def get_queryset(self) -> QuerySet[Identity]:
        """Return those this person may read of."""
        return _identities_readable_by(self.user)


def _identities_readable_by(user: User) -> QuerySet[Identity]:
    """Who wrote where this person may read."""
    readable = Conversation.objects.visible_to(user).filter(identity=OuterRef("id"))
    return Identity.objects.filter(Exists(readable))
