"""HTTP to other machines: one time limit for a whole exchange, no retries, no redirects.

httpx limits each read and write by itself, so a peer that trickles bytes could hold an exchange
for minutes; here the clock runs from the connect to the last byte of the answer.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

import httpx

LONGEST_ANSWER = 1_000_000
# A proxy named in the environment cannot reach what listens on this machine alone.
_DIRECTLY: dict[str, httpx.AsyncBaseTransport | None] = {
    "all://127.0.0.1": None,
    "all://localhost": None,
    "all://[::1]": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request about to be made."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said, whatever its status."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the other side took it (2xx)."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The exchange broke. `nothing_left` is true only if no byte of the request was written."""

    reason: str
    nothing_left: bool


def exchange(calls: Sequence[Call], *, seconds: float) -> list[Answer | NoAnswer]:
    """Make the calls side by side and return what became of each, in their order.

    Each may take `seconds` in total. Works wherever it is called, in a running event loop too,
    because the calls run in a loop of their own in a thread of their own.
    """
    if not calls:
        return []
    with ThreadPoolExecutor(max_workers=1) as own:
        return own.submit(asyncio.run, _exchange(calls, seconds)).result()


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """Read the certificate authorities once a process: it takes longer than a local exchange."""
    return httpx.create_ssl_context()


async def _exchange(calls: Sequence[Call], seconds: float) -> list[Answer | NoAnswer]:
    async with httpx.AsyncClient(
        timeout=seconds, mounts=_DIRECTLY, verify=certificates()
    ) as client:
        return await asyncio.gather(*(_one(client, call, seconds) for call in calls))


async def _one(client: httpx.AsyncClient, call: Call, seconds: float) -> Answer | NoAnswer:
    try:
        async with asyncio.timeout(seconds):
            return await _read(client, call)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        return NoAnswer(reason=_reason(error), nothing_left=True)
    except httpx.InvalidURL as error:
        return NoAnswer(reason=f"the address is not valid: {error}", nothing_left=True)
    except httpx.HTTPError as error:
        return NoAnswer(reason=_reason(error), nothing_left=False)
    except TimeoutError:
        return NoAnswer(reason=f"no complete answer within {seconds:g} s", nothing_left=False)


async def _read(client: httpx.AsyncClient, call: Call) -> Answer:
    headers = [(name.encode(), value.encode()) for name, value in call.headers.items()]
    async with client.stream(call.method, call.url, headers=headers, content=call.body) as response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LONGEST_ANSWER:
                raise httpx.DecodingError(f"the answer is longer than {LONGEST_ANSWER:,} bytes")
        return Answer(status=response.status_code, headers=response.headers, body=bytes(body))


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
