"""The desk's own words: tags of conversations and flags of customers."""

from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.programs import MANAGE
from apps.api.single import Single
from apps.labels import operations
from apps.labels.models import Flag, Label, Tag

L = TypeVar("L", bound=Label)
FIELDS = ["id", "name", "colour", "is_retired"]


class TagSerializer(serializers.ModelSerializer[Tag]):
    """What a conversation is about; a retired one can't be given any more."""

    class Meta:
        model = Tag
        fields = FIELDS
        read_only_fields = ["id", "is_retired"]


class FlagSerializer(serializers.ModelSerializer[Flag]):
    """What to mind about a customer; a retired one can't be given any more."""

    class Meta:
        model = Flag
        fields = FIELDS
        read_only_fields = ["id", "is_retired"]


class LabelFilter(filters.FilterSet):  # type: ignore[misc]
    """Which labels."""

    is_retired = filters.BooleanFilter()


class Labels(ListModelMixin, Single[L]):
    """Words that managers and admins name."""

    filterset_class = LabelFilter
    scope = MANAGE
    kind: type[L]

    def get_queryset(self) -> QuerySet[L]:
        """Return all of the desk."""
        return self.kind._default_manager.all()

    def hold(self, row: L) -> None:
        """One decision about the words of a kind at a time."""
        operations.hold(self.kind)

    def create(self, request: Request) -> Response:
        """Name a new one."""
        return self.made(lambda: self._save(None))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename or recolour one."""
        return self.decided(pk, self._save)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Offer it no more; what bears it keeps it."""
        return self.decided(
            pk,
            lambda label: operations.retire_label(label=label, by=self.user, at=timezone.now()),
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Offer a retired one again."""
        return self.decided(
            pk,
            lambda label: operations.restore_label(label=label, by=self.user, at=timezone.now()),
        )

    def _save(self, label: L | None) -> L:
        serializer: Any = self.get_serializer_class()
        said = self.said(serializer, partial=label is not None)
        return operations.save_label(
            kind=self.kind,
            name=said.get("name", label.name if label else ""),
            colour=said.get("colour", label.colour if label else "grey"),
            label=label,
            by=self.user,
            at=timezone.now(),
        )


class Tags(Labels[Tag]):
    """All tags of the desk."""

    serializer_class = TagSerializer
    queryset: Any = Tag._default_manager.none()
    kind = Tag


class Flags(Labels[Flag]):
    """All flags of the desk."""

    serializer_class = FlagSerializer
    queryset: Any = Flag._default_manager.none()
    kind = Flag
