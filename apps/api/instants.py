"""Instants as programs write them, as far as the database can hold them."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import IsoDateTimeFilter

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """An instant from 1900 to 2200, in whatever offset; kept in UTC."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant in UTC; raises ValidationError."""
        try:
            at: datetime | None = super().to_python(value)
            at = at and at.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("Give an instant between 1900 and 2200.") from error
        if at is not None and not EARLIEST <= at < LATEST:
            raise ValidationError("Give an instant between 1900 and 2200.")
        return at


class InstantFilter(IsoDateTimeFilter):  # type: ignore[misc]
    """Compares with an instant."""

    field_class = InstantField
