"""What requests are made of, parsed and checked."""

from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django_filters.rest_framework import NumberFilter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

M = TypeVar("M", bound=Model)

LARGEST_ID = 2**63 - 1
MOST_IDS = 500


class Id(serializers.IntegerField):
    """The number by which the desk knows something."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **fields)


class Ids(serializers.ListField):
    """Several ids."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(child=Id(), max_length=MOST_IDS, **fields)


class Words(serializers.ListField):
    """Several words or short phrases."""

    def __init__(self, longest: int, **fields: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=longest), max_length=100, **fields)


class IdFilter(NumberFilter):  # type: ignore[misc]
    """Compares with an id."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> None:
        """No bound of its own: what no row can have finds none."""


def valid(
    kind: type[serializers.Serializer[Any]], data: Any, *, partial: bool = False
) -> dict[str, Any]:
    """Return what was sent, checked; raises ValidationError. `partial`: only what is there."""
    serializer = kind(data=data, partial=partial)
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


def all_of(rows: QuerySet[M], ids: list[int], *, field: str) -> list[M]:
    """Return the rows of these ids; raises ValidationError where one is unknown."""
    found = list(rows.filter(pk__in=ids))
    if len(found) < len(set(ids)):
        raise ValidationError({field: ["There is nothing with one of these ids."]})
    return found


def one_of(rows: QuerySet[M], key: int, *, field: str) -> M:
    """Return the row of this id; raises ValidationError where it is unknown."""
    return all_of(rows, [key], field=field)[0]
