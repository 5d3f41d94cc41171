"""Statements as text and values, so that what Django wrote once can be asked many times.

To write a question of many parts takes Django several times as long as PostgreSQL takes to answer
it. The text is the same for everybody, so it is written with stand-ins: values that no row has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL, and the values of its places in order."""

    text: str
    values: Sequence[Any]

    @classmethod
    def of(cls, rows: "QuerySet[Any, Any]") -> Self:
        """Write what a queryset asks; raises EmptyResultSet where no row can be meant."""
        return cls(*rows.query.sql_with_params())

    def given(self, real: Mapping[object, object]) -> Self:
        """Put what is real in the places of its stand-ins; hashable like all values here."""
        return replace(self, values=[real.get(value, value) for value in self.values])

    def rows(self) -> list[tuple[Any, ...]]:
        """Ask PostgreSQL."""
        with connection.cursor() as cursor:
            cursor.execute(self.text, self.values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
