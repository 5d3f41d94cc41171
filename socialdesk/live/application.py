"""The live process's door to HTTP: `/live` for browsers, `/healthz` for supervisors."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.http import parse_cookie

from socialdesk.live import origin
from socialdesk.live.door import Door
from socialdesk.live.hub import Hub
from socialdesk.live.listeners import Listener
from socialdesk.live.stream import Send, Stream

log = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Headers = list[tuple[bytes, bytes]]

ADMIT_SECONDS = 5.0
UNKNOWN_HOST = "This desk does not answer to that name. Add it to ALLOWED_HOSTS."
FOREIGN_PAGE = (
    "This page is not one of the desk's, so it may not listen. If people reach the desk at its"
    " address, add that to CSRF_TRUSTED_ORIGINS."
)
NOBODY = "Nobody is signed in here. Sign in to the desk, then open this again."
NO_DATABASE = "The desk cannot reach its database just now. Try again in a few seconds."
STOPPING = "The live process is stopping. Try again in a few seconds."


class RefusedError(Exception):
    """Why somebody may not listen, and the status that says so."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Application:
    """The ASGI application. The hub starts with the first browser, in the server's own loop."""

    def __init__(self) -> None:
        self._door = Door()
        self._hub: Hub | None = None
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == "/healthz":
            await _answer(send, HTTPStatus.OK, "ok")
        elif scope["path"] != "/live":
            await _answer(send, HTTPStatus.NOT_FOUND, "The live stream is at /live.")
        elif scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, HTTPStatus.METHOD_NOT_ALLOWED, "Use GET.")
        else:
            await self._live(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        shared: Headers = [(b"vary", b"origin, cookie"), (b"cache-control", b"no-store")]
        try:
            shared += _check_origin(given)
            session_key = parse_cookie(given.get("cookie", "")).get(
                settings.SESSION_COOKIE_NAME, ""
            )
            listener = await self._admit(session_key)
            hub = self._running_hub()
        except RefusedError as refusal:
            await _answer(send, refusal.status, refusal.text, shared)
            return
        if scope["method"] == "HEAD":
            await _answer(send, HTTPStatus.OK, "", shared)
            return
        await _start(
            send, HTTPStatus.OK, "text/event-stream", [*shared, (b"x-accel-buffering", b"no")]
        )
        await _keep_open(hub, Stream(send, session_key=session_key, listener=listener), receive)

    async def _admit(self, session_key: str) -> Listener:
        """Return who listens. The reason for a refusal is also what a HEAD answers."""
        try:
            async with asyncio.timeout(ADMIT_SECONDS):
                listener = await self._door.admit(session_key) if session_key else None
        except (DatabaseError, TimeoutError) as error:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, NO_DATABASE) from error
        if listener is None:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, NOBODY)
        return listener

    def _running_hub(self) -> Hub:
        if self._stopping:
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, STOPPING)
        if self._hub is None:
            self._stop_on_signals()
        if self._hub is None or not self._hub.runs:
            self._hub = Hub(self._door)
        return self._hub

    def _stop_on_signals(self) -> None:
        """Close the streams when the server is told to stop: it waits for all to end.

        The server listens to signals through its event loop, whose Python-level handlers do
        nothing; so ours take nothing away from it.
        """
        loop = asyncio.get_running_loop()

        def stop(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._stop)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def _stop(self) -> None:
        self._stopping = True
        if self._hub is not None:
            self._hub.stop()


def _check_origin(given: dict[str, str]) -> Headers:
    """Return the headers that let this page read the answer."""
    host, page = given.get("host", ""), given.get("origin", "")
    if not origin.known_host(host):
        raise RefusedError(HTTPStatus.BAD_REQUEST, UNKNOWN_HOST)
    if not origin.allowed(page, host=host, fetch_site=given.get("sec-fetch-site", "")):
        raise RefusedError(HTTPStatus.FORBIDDEN, FOREIGN_PAGE)
    if not page:
        return []
    return [
        (b"access-control-allow-origin", page.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
    ]


async def _keep_open(hub: Hub, stream: Stream, receive: Receive) -> None:
    """Leave the stream to the hub until either side closes it."""
    gone = asyncio.create_task(_disconnected(receive))
    hub.add(stream)
    log.debug("live_opened", user_id=stream.listener.user_id)
    either: set[asyncio.Future[Any]] = {gone, stream.closed}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.remove(stream)
        gone.cancel()
        stream.close("gone")
        log.debug("live_closed", user_id=stream.listener.user_id, reason=stream.closed.result())


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(
    send: Send, status: HTTPStatus, text: str, headers: Headers | None = None
) -> None:
    await _start(send, status, "text/plain; charset=utf-8", headers or [])
    await send({"type": "http.response.body", "body": text.encode()})


async def _start(send: Send, status: HTTPStatus, content_type: str, headers: Headers) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status.value,
            "headers": [(b"content-type", content_type.encode()), *headers],
        }
    )


application = Application()
