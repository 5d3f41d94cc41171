"""Django's PostgreSQL backend, whose pool hands out living connections without asking the server.

Django's own check is a round trip in front of every request, which costs a webhook as much as the
row it keeps. A server that went away has closed its sockets, and that can be seen from here.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at a pooled connection's socket before it is used."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> "Connection[Any]":
        """Return a connection; one whose server has said goodbye goes back to be replaced."""
        connection: Connection[Any] = super().get_new_connection(conn_params)
        while self.pool is not None and _has_news(connection):
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def _has_news(connection: "Connection[Any]") -> bool:
    """Whether something waits on an idle connection: its end, or a word nobody asked for."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
