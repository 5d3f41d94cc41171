"""Calls to addresses that somebody typed: nobody is called whom the guard refuses.

They go straight there, by no proxy, follow no redirect, and read only the beginning of an answer.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from apps.common.guard import Guard, GuardError
from apps.common.http import Answer, Call, NoAnswer, certificates

MOST_READ = 2_000
# No connection serves two names: one that proved to be the first proves nothing about the second.
_NO_REUSE = httpx.Limits(max_keepalive_connections=0)


def exchange_guarded(
    calls: Sequence[Call], *, seconds: float, guard: Guard
) -> list[Answer | NoAnswer]:
    """Make the calls side by side and return what became of each, in their order.

    Each may take `seconds` in total, from looking up its name to the end of what is read.
    """
    if not calls:
        return []
    with ThreadPoolExecutor(max_workers=1) as own:
        return own.submit(asyncio.run, _all(calls, seconds, guard)).result()


async def _all(calls: Sequence[Call], seconds: float, guard: Guard) -> list[Answer | NoAnswer]:
    async with httpx.AsyncClient(
        timeout=seconds, verify=certificates(), trust_env=False, limits=_NO_REUSE
    ) as client:
        return await asyncio.gather(*(_one(client, call, seconds, guard) for call in calls))


async def _one(
    client: httpx.AsyncClient, call: Call, seconds: float, guard: Guard
) -> Answer | NoAnswer:
    try:
        async with asyncio.timeout(seconds):
            url = guard.read(call.url)
            return await _first_that_connects(client, call, url, await guard.pin(url))
    except GuardError as error:
        return NoAnswer(reason=str(error), nothing_left=True)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return NoAnswer(reason=_reason(error), nothing_left=True)
    except httpx.HTTPError as error:
        return NoAnswer(reason=_reason(error), nothing_left=False)
    except TimeoutError:
        return NoAnswer(reason=f"No complete answer within {seconds:g} s.", nothing_left=False)


async def _first_that_connects(
    client: httpx.AsyncClient, call: Call, url: httpx.URL, addresses: Sequence[str]
) -> Answer:
    for address in addresses[:-1]:
        try:
            return await _read(client, call, url, address)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _read(client, call, url, addresses[-1])


async def _read(client: httpx.AsyncClient, call: Call, url: httpx.URL, address: str) -> Answer:
    """Call one address in the name's place; the other side must prove to be who the name says."""
    async with client.stream(
        call.method,
        url.copy_with(host=address),
        headers={**call.headers, "host": url.netloc.decode("ascii"), "accept-encoding": "identity"},
        content=call.body,
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    ) as response:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) >= MOST_READ:
                break
        beginning = bytes(body[:MOST_READ])
        return Answer(status=response.status_code, headers=response.headers, body=beginning)


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
