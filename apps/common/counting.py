"""Counting several things in one statement."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Asked = Mapping[str, "QuerySet[Any, Any]"]


def counted_together(counted: Asked, first: "Asked | None" = None) -> dict[str, int]:
    """Return how many rows each of `counted` has, and the number that each of `first` begins with.

    What a rail shows is one question, not nine. What has no row begins with 0.
    """
    parts = [("(SELECT count(*) FROM ({}) counted)", rows) for rows in counted.values()]
    parts += [("coalesce(({}), 0)", rows[:1]) for rows in (first or {}).values()]
    statements: list[str] = []
    parameters: list[Any] = []
    for form, rows in parts:
        try:
            statement, given = rows.query.sql_with_params()
        except EmptyResultSet:
            statements.append("0")
            continue
        statements.append(form.format(statement))
        parameters += given
    if not statements:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(statements), parameters)
        return dict(zip([*counted, *(first or {})], cursor.fetchone(), strict=True))
