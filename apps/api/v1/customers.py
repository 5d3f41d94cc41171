"""Customers, their identities, and who is one person: readable across the whole desk."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.changes import UpdatedSince, customers_since, identities_since
from apps.api.fields import Id, IdFilter, one_of
from apps.api.single import Single
from apps.common.errors import DeskError
from apps.conversations.models import Conversation
from apps.conversations.queries.people import customers_readable_by, identities_readable_by
from apps.customers import operations
from apps.customers.models import Customer, Identity, Match


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

    flag = IdFilter(field_name="customerflag__flag")
    updated_since = UpdatedSince(lambda rows, at: rows.filter(id__in=customers_since(at)))


class IdentityFilter(filters.FilterSet):  # type: ignore[misc]
    """Which identities."""

    customer = IdFilter(field_name="customer")
    network = filters.CharFilter(field_name="network")
    external_id = filters.CharFilter(field_name="external_id")
    updated_since = UpdatedSince(lambda rows, at: rows.filter(id__in=identities_since(at)))


class ReasonedSerializer(serializers.Serializer[Any]):
    """Why, for whoever doubts it."""

    reason = serializers.CharField(max_length=operations.LONGEST)


class NameSerializer(serializers.Serializer[Any]):
    """What colleagues call a customer; nothing: as they last called themselves."""

    name = serializers.CharField(allow_blank=True, max_length=operations.LONGEST)


class MergeSerializer(ReasonedSerializer):
    """Two identities that are one person, and why."""

    one = Id()
    other = Id()


class MatchSerializer(serializers.ModelSerializer[Match]):
    """That two identities are one person: proposed by the desk, decided by people alone."""

    class Meta:
        model = Match
        fields = [
            "id",
            "left",
            "right",
            "state",
            "reason",
            "proposed_at",
            "decided_by",
            "decided_at",
            "parted_by",
            "parted_at",
            "parted_because",
        ]


class MatchFilter(filters.FilterSet):  # type: ignore[misc]
    """Which matches."""

    state = filters.ChoiceFilter(choices=Match.State.choices)
    identity = IdFilter(method="of_identity")
    customer = IdFilter(method="of_customer")
    updated_since = UpdatedSince(
        lambda rows, at: rows.filter(
            Q(proposed_at__gte=at) | Q(decided_at__gte=at) | Q(parted_at__gte=at)
        )
    )

    def of_identity(self, rows: QuerySet[Match], _name: str, identity: Any) -> QuerySet[Match]:
        """Those of an identity."""
        return rows.filter(Q(left=identity) | Q(right=identity))

    def of_customer(self, rows: QuerySet[Match], _name: str, customer: Any) -> QuerySet[Match]:
        """Those of a customer's identities."""
        return rows.filter(Q(left__customer=customer) | Q(right__customer=customer))


class Customers(ListModelMixin, Single[Customer]):
    """Customers whom the caller may know of."""

    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    queryset = Customer.objects.none()

    def get_queryset(self) -> QuerySet[Customer]:
        """Return those this person may read of."""
        identities = Prefetch("identities", identities_readable_by(self.user).order_by("id"))
        return customers_readable_by(self.user).prefetch_related(identities, "flags")

    @extend_schema(request=NameSerializer, responses=CustomerSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say what colleagues call a customer."""

        def name(customer: Customer) -> None:
            called = self.said(NameSerializer)["name"]
            _refuse_others_customers(self, *customer.identities.all())
            operations.name_customer(
                customer=customer, name=called, by=self.user, at=timezone.now()
            )

        return self.decided(pk, name)


class Identities(ListModelMixin, Single[Identity]):
    """Identities of customers whom the caller may know of."""

    serializer_class = IdentitySerializer
    filterset_class = IdentityFilter
    queryset = Identity.objects.none()

    def get_queryset(self) -> QuerySet[Identity]:
        """Return those this person may read of."""
        return identities_readable_by(self.user)


class Matches(ListModelMixin, Single[Match]):
    """Who is one person, as far as the caller may know both of their identities."""

    serializer_class = MatchSerializer
    filterset_class = MatchFilter
    queryset = Match.objects.none()

    def get_queryset(self) -> QuerySet[Match]:
        """Return those this person may read of."""
        known = identities_readable_by(self.user)
        return Match.objects.filter(left__in=known, right__in=known).select_related("left", "right")

    def hold(self, row: Match) -> None:
        """One decision about identities at a time."""
        operations.take_turns()

    @extend_schema(request=MergeSerializer, responses={201: MatchSerializer})
    def create(self, request: Request) -> Response:
        """Take two identities for one person."""

        def merge() -> Match:
            said = self.said(MergeSerializer)
            known = identities_readable_by(self.user)
            one, other = (one_of(known, said[field], field=field) for field in ("one", "other"))
            _refuse_others_customers(self, one, other)
            return operations.merge(
                one=one, other=other, reason=said["reason"], by=self.user, at=timezone.now()
            )

        return self.made(merge)

    @extend_schema(request=None, responses=MatchSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Decide that what the desk proposes is right: they are one person."""
        return self.decided(pk, lambda match: self._decide(match, operations.confirm))

    @extend_schema(request=None, responses=MatchSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Decide that they are two people; it isn't proposed again."""
        return self.decided(pk, lambda match: self._decide(match, operations.reject))

    @extend_schema(request=ReasonedSerializer, responses=MatchSerializer)
    @action(detail=True, methods=["post"])
    def part(self, request: Request, pk: str) -> Response:
        """Take a decision back that two are one person: all is as it would be without it."""

        def part(match: Match) -> None:
            self._decide(match, operations.part, **self.said(ReasonedSerializer))

        return self.decided(pk, part)

    def _decide(self, match: Match, decide: Any, **said: Any) -> None:
        _refuse_others_customers(self, match.left, match.right)
        decide(match=match, by=self.user, at=timezone.now(), **said)


def _refuse_others_customers(resource: Single[Any], *identities: Identity) -> None:
    theirs = Conversation.objects.answered_by(resource.user)
    customers = [identity.customer_id for identity in identities]
    if not theirs.filter(identity__customer__in=customers).exists():
        raise DeskError("Another team answers this customer. You can read it, not act on it.")
