"""One look for several breakdowns: rows grouped along each of them at once, by GROUPING SETS."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from apps.reports.questions import By, Key

Lines = dict[Key, dict[str, Any]]
"""What was measured of each line of a breakdown; of all in one, under no key."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of each group: SQL over columns of the rows that are grouped.

    `told` is read from each group, by these names, and from `beside`, which joins something to it.
    """

    columns: Sequence[str]
    aggregates: LiteralString
    told: Sequence[str]
    beside: LiteralString = ""


def grouped(
    found: QuerySet[Any],
    bys: frozenset[By],
    key_of: Callable[[By], Combinable],
    measures: Measures,
) -> dict[By | None, dict[str, Lines]]:
    """Return what is measured of each breakdown, and of all in one line, for each kind of row.

    Tags need a look of their own: a row counts once under each that its conversation bears.
    """
    lines: dict[By | None, dict[str, Lines]] = {by: defaultdict(dict) for by in (None, *bys)}
    looks = [{By.TAG}, bys - {By.TAG}] if By.TAG in bys else [bys]
    for along in looks:  # all in one is told by the look without tags, which comes last
        keys = {by: key_of(by) for by in By if by in along}
        rows = found.order_by().values(
            "kind", *measures.columns, **{f"by_{by}": key for by, key in keys.items()}
        )
        for kind, by, key, told in _look(rows, list(keys), measures):
            lines[by][kind][key] = told
    return lines


def _look(
    rows: QuerySet[Any], along: Sequence[By], measures: Measures
) -> Iterator[tuple[str, By | None, Key, dict[str, Any]]]:
    names = [f"by_{by}" for by in along]
    sets = ", ".join(["()", *(f"({name})" for name in names)])
    which = ", ".join(f"grouping({name}) = 0" for name in names)
    try:
        statement, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # nothing can be found, so nothing is asked
        return
    with connection.cursor() as cursor:
        cursor.execute(
            " ".join(
                [
                    "SELECT kind, along,",
                    *(f"{name}," for name in names),
                    ", ".join(measures.told),
                    f"FROM (SELECT kind, ARRAY[{which}]::boolean[] AS along,",
                    *(f"{name}," for name in names),
                    measures.aggregates,
                    f"FROM ({statement}) AS found GROUP BY kind, GROUPING SETS ({sets})) AS lines",
                    measures.beside,
                ]
            ),
            parameters,
        )
        for kind, is_along, *row in cursor.fetchall():
            told = dict(zip(measures.told, row[len(along) :], strict=True))
            if True not in is_along:
                yield kind, None, None, told
                continue
            place = is_along.index(True)
            key = row[place]
            yield kind, along[place], int(key) if isinstance(key, Decimal) else key, told
