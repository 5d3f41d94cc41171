"""Opens many event streams at once and tells how late each nudge came: `python -m` with a port.

From stdin: one line of JSON with the request of each stream. To stdout: a line once all are open,
and the delays in milliseconds once stdin ends. A process of its own, as the browsers would be.
"""

import asyncio
import json
import re
import sys
import time
from functools import partial
from typing import cast

import uvloop

SENT_AT = re.compile(rb'"sent_at":([0-9.]+)')


class Listening(asyncio.Protocol):
    """One stream; `open` once its first event or comment came."""

    def __init__(self, request: bytes, delays: list[float]) -> None:
        self.open = asyncio.Event()
        self._request = request
        self._delays = delays

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if b"\n\n" in data:
            self.open.set()
        self._delays += [1000 * (now - float(sent_at)) for sent_at in SENT_AT.findall(data)]


async def listen(port: int, requests: list[str]) -> None:
    loop, delays = asyncio.get_running_loop(), list[float]()
    streams = []
    for request in requests:
        _, stream = await loop.create_connection(
            partial(Listening, request.encode(), delays),
            "127.0.0.1",
            port,
        )
        streams.append(stream)
    await asyncio.gather(*(stream.open.wait() for stream in streams))
    print("open", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(delays), flush=True)


if __name__ == "__main__":
    uvloop.run(listen(int(sys.argv[1]), json.loads(sys.stdin.readline())))
