"""One open stream: written to at once, and dropped when its browser no longer reads."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import structlog

from socialdesk.live.listeners import Listener

log = structlog.get_logger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]

SLOW_SECONDS = 10.0
SLOW_FRAMES = 256


class Stream:
    """A browser that listens. The hub writes; `closed` is set once nothing more can be written."""

    def __init__(self, send: Send, *, session_key: str, listener: Listener) -> None:
        self.session_key = session_key
        self.listener = listener
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._send = send
        self._late: list[bytes] = []
        self._catching_up: asyncio.Task[None] | None = None

    def write(self, frame: bytes) -> None:
        """Write without waiting; what a slow browser has not taken yet is kept for a while."""
        if self.closed.done():
            return
        if self._catching_up is not None:
            self._late.append(frame)
            if len(self._late) > SLOW_FRAMES:
                self._drop()
            return
        # Nearly always the server takes a frame at once. Taking the first step by hand spares a
        # task for each of a thousand browsers; only a send that has to wait gets one.
        rest = self._send(_part(frame)).__await__()
        try:
            blocker = next(rest)
        except StopIteration:
            return
        self._catching_up = asyncio.create_task(self._catch_up(_Started(rest, blocker)))

    def close(self, reason: str) -> None:
        """Let the request end; the browser comes back by itself unless it was signed out."""
        if not self.closed.done():
            self.closed.set_result(reason)
        if self._catching_up is not None:
            self._catching_up.cancel()

    def _drop(self) -> None:
        log.info("live_too_slow", user_id=self.listener.user_id)
        self.close("slow")

    async def _catch_up(self, started: "_Started") -> None:
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await started
                while self._late:
                    late, self._late = b"".join(self._late), []
                    await self._send(_part(late))
        except TimeoutError:
            self._drop()
        finally:
            self._catching_up = None


class _Started:
    """The rest of an awaitable whose first step was already taken and waits for `blocker`."""

    def __init__(self, rest: Generator[Any, Any, None], blocker: object) -> None:
        self._rest = rest
        self._blocker = blocker

    def __await__(self) -> Generator[Any, Any, None]:
        yield self._blocker
        yield from self._rest


def _part(frame: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": frame, "more_body": True}
