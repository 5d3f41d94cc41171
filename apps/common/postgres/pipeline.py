"""Statements that are sent before the earlier ones are answered: libpq's pipeline mode.

PostgreSQL works at one while Python prepares the next, and what needs no answer is waited for once,
with the next thing that does. psycopg's own pipeline goes through its cursors, which cost more.
"""

from collections.abc import Generator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]

_DONE = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}
_prepared: WeakKeyDictionary["psycopg.Connection[Any]", set[bytes]] = WeakKeyDictionary()


class Answer:
    """What the server says to one statement; nothing yet while `result` is None."""

    __slots__ = ("result",)

    def __init__(self) -> None:
        self.result: PGresult | None = None


class Pipeline:
    """One connection's statements on their way, the oldest first.

    Within a transaction they may wait; without one each is answered before the next is sent.
    """

    def __init__(self, database: "psycopg.Connection[Any]") -> None:
        self._database = database
        self._server = database.pgconn
        self._prepared = _prepared.setdefault(database, set())
        self._sent: list[Answer] = []

    def send(self, name: bytes, text: bytes, packed: Sequence[bytes | None]) -> Answer:
        """Send one statement, prepared under this name once a connection."""
        if name not in self._prepared:
            self._prepare(name, text)
        if not self._sent:
            self._begin()
        answer = Answer()
        formats = [Format.BINARY] * len(packed)
        self._server.send_query_prepared(name, packed, formats, Format.BINARY)
        self._sent.append(answer)
        if self._database.autocommit:
            self.settle()
        else:
            self._server.flush()
        return answer

    def rows(self, answer: Answer) -> Rows:
        """Return the rows of an answer, waiting for it if need be."""
        if answer.result is None:
            self.settle()
        assert answer.result is not None, "it was sent in a transaction that is over"
        if not answer.result.nfields:
            return []
        reading = Transformer(self._database)
        reading.set_pgresult(answer.result)
        return reading.load_rows(0, answer.result.ntuples, tuple)

    def commit(self) -> None:
        """Commit in one go with what is still on its way; nothing where nothing is."""
        if self._sent:
            self._server.send_query_params(b"COMMIT", None)
            self._sent.append(Answer())
            self.settle()

    def settle(self) -> None:
        """Wait until all that was sent is answered; raise what the server refused first."""
        if not self._sent:
            return
        self._server.pipeline_sync()
        sent, self._sent = self._sent, []
        try:
            results = self._database.wait(self._answers(len(sent)))
        except BaseException:
            self._database.close()  # answers were left unread: no other would be told from them
            raise
        self._server.exit_pipeline_mode()
        for answer, result in zip(sent, results, strict=True):
            if result.status not in _DONE:
                raise errors.error_from_result(result, encoding=self._database.info.encoding)
            answer.result = result

    def _answers(self, many: int) -> Generator[Any, Any, list[PGresult]]:
        yield from generators.send(self._server)
        results = []
        for _ in range(many):
            [result] = yield from generators.fetch_many(self._server)
            results.append(result)
        yield from generators.fetch_many(self._server)
        return results

    def _begin(self) -> None:
        """Open the transaction that psycopg's cursors would have opened."""
        is_idle = self._server.transaction_status == TransactionStatus.IDLE
        self._server.enter_pipeline_mode()
        if is_idle and not self._database.autocommit:
            self._server.send_query_params(b"BEGIN", None)
            self._sent.append(Answer())

    def _prepare(self, name: bytes, text: bytes) -> None:
        self.settle()
        self._begin()
        self._server.send_prepare(name, text)
        self._sent.append(Answer())
        self.settle()
        self._prepared.add(name)
