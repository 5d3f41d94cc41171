"""A browser's ear without the browser: reads one event stream and remembers what came when."""

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.live.processes import Live


@dataclass
class Heard:
    """One event of a stream."""

    event: str
    data: Any
    at: float = field(default_factory=time.monotonic)


class Ear:
    """An open stream. `status` is the HTTP status; an ear that was refused has no events."""

    def __init__(self, live: Live, session_key: str, *, origin: str | None = None) -> None:
        self.heard: list[Heard] = []
        self.ended_at: float | None = None
        self._news = threading.Condition()
        self._socket = socket.create_connection(("127.0.0.1", live.port), 10)
        self._socket.settimeout(None)
        self._socket.sendall(request(live, session_key, origin=origin or live.origin))
        self._lines = self._socket.makefile("rb")
        self.status = int(self._lines.readline().split()[1])
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, event: str, *, count: int = 1, seconds: float = 5) -> Heard:
        """Return the `count`th such event, as soon as it is there."""
        with self._news:
            self._news.wait_for(lambda: len(self.of(event)) >= count, seconds)
        found = self.of(event)
        assert len(found) >= count, f"no {event} within {seconds} s, only {self.heard}"
        return found[count - 1]

    def wait_for_end(self, *, seconds: float) -> float:
        """Return when the stream ended."""
        with self._news:
            self._news.wait_for(lambda: self.ended_at is not None, seconds)
        assert self.ended_at is not None, f"still open after {seconds} s"
        return self.ended_at

    def of(self, event: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.event == event]

    @property
    def nudges(self) -> list[Any]:
        return [heard.data for heard in self.of("message")]

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> None:
        event = "message"
        try:
            for raw in self._lines:
                line = raw.decode().rstrip()
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._note(Heard(event, json.loads(line.removeprefix("data: "))))
                    event = "message"
        except OSError:
            pass
        with self._news:
            self.ended_at = time.monotonic()
            self._news.notify_all()

    def _note(self, heard: Heard) -> None:
        with self._news:
            self.heard.append(heard)
            self._news.notify_all()


def request(live: Live, session_key: str, *, origin: str) -> bytes:
    lines = [
        "GET /live HTTP/1.1",
        f"Host: 127.0.0.1:{live.port}",
        f"Origin: {origin}",
        f"Cookie: sessionid={session_key}",
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
