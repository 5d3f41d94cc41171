"""Django's PostgreSQL backend, with three things of its own.

Its pool hands out living connections without asking the server: Django's own check is a round trip
in front of every request, which costs a webhook as much as the row it keeps. A server that went
away has closed its sockets, and that can be seen from here.

Statements may be on their way unanswered (`pipeline.py`, `sets.send`): whatever else is asked of
the connection waits for them first.

Instants are read by psycopg's C code, which knows UTC: Django's own reader is Python, called for
each of them, and took longer than all else of reading a row.
"""

import select
from contextlib import suppress
from datetime import UTC
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg.types.datetime import TimestamptzLoader

from apps.common.postgres.pipeline import Pipeline


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at a pooled connection's socket before it is used, and keeps what is on its way."""

    pipeline: Pipeline

    def get_new_connection(self, conn_params: dict[str, Any]) -> "Connection[Any]":
        """Return a connection; one whose server has said goodbye goes back to be replaced."""
        connection: Connection[Any] = super().get_new_connection(conn_params)
        while self.pool is not None and _has_news(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        self.pipeline = Pipeline(connection)
        return connection

    def _cursor(self, name: str | None = None) -> Any:
        self._settle()
        cursor = super()._cursor(name)  # type: ignore[misc]  # the stubs leave it out
        if self.timezone == UTC:
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        return cursor

    def _commit(self) -> None:
        if self.connection is not None:
            with self.wrap_database_errors:
                self.pipeline.commit()
        super()._commit()  # type: ignore[misc]  # the stubs leave it out

    def _rollback(self) -> None:
        self._give_up()
        super()._rollback()  # type: ignore[misc]  # the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        self._give_up()
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs leave it out

    def _give_up(self) -> None:
        """What was refused meanwhile is taken back with the rest."""
        if self.connection is not None:
            with suppress(psycopg.Error):
                self.pipeline.settle()

    def _settle(self) -> None:
        if self.connection is not None:
            with self.wrap_database_errors:
                self.pipeline.settle()


def _has_news(connection: "Connection[Any]") -> bool:
    """Whether something waits on an idle connection: its end, or a word nobody asked for."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
