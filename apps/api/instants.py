"""Instants as programs write them, as far as the database can hold them."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import IsoDateTimeFilter
from rest_framework import serializers

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
BEYOND = "Give an instant between 1900 and 2200."


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """An instant from 1900 to 2200, in whatever offset; kept in UTC."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant in UTC; raises ValidationError."""
        try:
            at: datetime | None = super().to_python(value)
            at = at and at.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(BEYOND) from error
        if at is not None and not EARLIEST <= at < LATEST:
            raise ValidationError(BEYOND)
        return at


class InstantFilter(IsoDateTimeFilter):  # type: ignore[misc]
    """Compares with an instant."""

    field_class = InstantField


class Instant(serializers.DateTimeField):
    """An instant from 1900 to 2200 that somebody sends; kept in UTC."""

    def to_internal_value(self, value: Any) -> datetime:
        """Return the instant in UTC; raises ValidationError."""
        try:
            at = super().to_internal_value(value).astimezone(UTC)
        except OverflowError as error:
            raise serializers.ValidationError(BEYOND) from error
        if not EARLIEST <= at < LATEST:
            raise serializers.ValidationError(BEYOND)
        return at
