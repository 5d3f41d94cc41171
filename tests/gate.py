"""The door of the tests' web server: shut between tests, so that no request outlives its test.

A page that closes saves its draft on the way out. Such a request reaches the server when the test
has ended, and would work on rows that are being deleted: the deletion waits or dies, and the next
test finds the last one's people.
"""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connections

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Gate:
    """A WSGI application that lets requests through to another one while it is open."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application
        self._changed = threading.Condition()
        self._is_open = False
        self._inside = 0

    def open(self) -> None:
        """Let requests through."""
        with self._changed:
            self._is_open = True

    def shut(self) -> None:
        """Refuse what comes now, and return when everybody inside has gone."""
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: self._inside == 0)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer as the application does, or 503 where the gate is shut."""
        with self._changed:
            if not self._is_open:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return []
            self._inside += 1
        try:
            return self._answered(environ, start_response)
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def _answered(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        answer = self._application(environ, start_response)
        try:
            return list(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
            # A browser keeps its connection, and the thread behind it would keep the database's.
            connections.close_all()
