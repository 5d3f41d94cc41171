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
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from apps.common.packing import Packer, packer_of

_PARAMETER = re.compile(r"%b::([a-z]+(?:\[\])?)")
_numbers = count()
_prepared: WeakKeyDictionary["psycopg.Connection[Any]", set[bytes]] = WeakKeyDictionary()


def execute(statement: LiteralString, *parameters: object) -> list[tuple[Any, ...]]:
    """Run one statement in Django's current transaction and return its rows, if it has any.

    Raises Django's own database errors: callers tell a lost connection from a refused row by them.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    with database.wrap_database_errors:
        return _execute(database.connection, _readied(statement), parameters)


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


def _execute(
    database: "psycopg.Connection[Any]", statement: _Statement, parameters: tuple[object, ...]
) -> list[tuple[Any, ...]]:
    server = database.pgconn
    if server.transaction_status == TransactionStatus.IDLE and not database.autocommit:
        server.send_query(b"BEGIN")
        _result(database)
    known = _prepared.setdefault(database, set())
    if statement.name not in known:
        server.send_prepare(statement.name, statement.text)
        _result(database)
        known.add(statement.name)
    packed = [pack(value) for pack, value in zip(statement.packers, parameters, strict=True)]
    server.send_query_prepared(statement.name, packed, [Format.BINARY] * len(packed), Format.BINARY)
    result = _result(database)
    if not result.nfields:
        return []
    reading = Transformer(database)
    reading.set_pgresult(result)
    return reading.load_rows(0, result.ntuples, tuple)


def _result(database: "psycopg.Connection[Any]") -> PGresult:
    result: PGresult
    [result] = database.wait(generators.execute(database.pgconn))
    if result.status not in {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}:
        raise errors.error_from_result(result, encoding=database.info.encoding)
    return result
