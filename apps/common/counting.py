"""Counting several things in one statement."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from apps.common.statements import Statement

Rows = QuerySet[Any, Any]


def counted_together(
    counted: Mapping[str, Rows | Statement], first: Mapping[str, Rows] | None = None
) -> dict[str, int]:
    """Return how many rows each of `counted` has, and the number that each of `first` begins with.

    What a rail shows is one question, not nine. What has no row begins with 0.
    """
    parts: list[tuple[str, Rows | Statement]]
    parts = [("(SELECT count(*) FROM ({}) counted)", rows) for rows in counted.values()]
    parts += [("coalesce(({}), 0)", rows[:1]) for rows in (first or {}).values()]
    texts: list[str] = []
    values: list[Any] = []
    for form, rows in parts:
        try:
            asked = rows if isinstance(rows, Statement) else Statement.of(rows)
        except EmptyResultSet:
            texts.append("0")
            continue
        texts.append(form.format(asked.text))
        values += asked.values
    if not texts:
        return {}
    (row,) = Statement("SELECT " + ", ".join(texts), values).rows()
    return dict(zip([*counted, *(first or {})], row, strict=True))
