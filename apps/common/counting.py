"""Counting several things in one statement."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def counted_together(wanted: "Mapping[str, QuerySet[Any, Any]]") -> dict[str, int]:
    """Return how many rows each of these has; what a rail shows is one question, not nine."""
    parts: list[str] = []
    parameters: list[Any] = []
    for rows in wanted.values():
        try:
            statement, given = rows.query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({statement}) counted)")  # noqa: S608 - Django's own
        parameters += given
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), parameters)
        return dict(zip(wanted, cursor.fetchone(), strict=True))
