"""Set-based SQL: whole columns go to PostgreSQL as binary arrays, one statement for a batch.

A statement marks its parameters and their types: `%b::bigint[]`. It is prepared once a connection
and then sent by the protocol itself: psycopg's cursors took three times as long for a batch of one,
and its dumpers twice for the columns of a large one.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, LiteralString

from django.db import DEFAULT_DB_ALIAS, connections

from apps.common.packing import Packer, packer_of
from apps.common.postgres.base import DatabaseWrapper
from apps.common.postgres.pipeline import Answer

_PARAMETER = re.compile(r"%b::([a-z]+(?:\[\])?)")
_numbers = count()


def execute(statement: LiteralString, *parameters: object) -> list[tuple[Any, ...]]:
    """Run one statement in Django's current transaction and return its rows, if it has any.

    Raises Django's own database errors: callers tell a lost connection from a refused row by them.
    """
    return send(statement, *parameters).rows()


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement on its way."""

    _database: DatabaseWrapper
    _answer: Answer

    def rows(self) -> list[tuple[Any, ...]]:
        """Return its rows, if it has any; waits for them, and for all that was sent before."""
        with self._database.wrap_database_errors:
            return self._database.pipeline.rows(self._answer)


def send(statement: LiteralString, *parameters: object) -> Sent:
    """Send one statement without waiting for it; what follows sees its rows.

    What PostgreSQL refuses is raised where something is waited for next, at the latest before the
    commit: for statements whose failure nobody handles.
    """
    database = connections[DEFAULT_DB_ALIAS]
    assert isinstance(database, DatabaseWrapper)
    if database.connection is None:
        database.ensure_connection()
    readied = _readied(statement)
    packed = [pack(value) for pack, value in zip(readied.packers, parameters, strict=True)]
    with database.wrap_database_errors:
        return Sent(database, database.pipeline.send(readied.name, readied.text, packed))


def plan_once() -> None:
    """Until the transaction ends, let a statement's plan serve for any parameters.

    PostgreSQL would plan some anew each time, which takes longer than running them for one row.
    """
    send("SET LOCAL plan_cache_mode = force_generic_plan")


@dataclass(frozen=True, slots=True)
class _Statement:
    name: bytes
    text: bytes
    packers: tuple[Packer, ...]


@cache
def _readied(statement: LiteralString) -> _Statement:
    """Statements are literals of the code, so there are only so many."""
    places = count(1)
    text = _PARAMETER.sub(lambda found: f"${next(places)}::{found[1]}", statement)
    packers = tuple(packer_of(name) for name in _PARAMETER.findall(statement))
    return _Statement(b"desk_%d" % next(_numbers), text.encode(), packers)
