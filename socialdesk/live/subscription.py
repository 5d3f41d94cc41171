"""The ear on the bus: one Redis subscription a process, which comes back by itself."""

import asyncio
from collections.abc import Callable

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from apps.common.bus import BREAKER_SECONDS, NUDGE_CHANNEL

RETRY_SECONDS = 0.5
SILENCE_SECONDS = 5.0
# After an outage a publisher may keep off Redis for as long as its breaker is open.
SETTLE_SECONDS = BREAKER_SECONDS + 0.5


async def listen(
    *, on_nudge: Callable[[bytes], None], on_bus: Callable[[Exception | None], None]
) -> None:
    """Hand on every nudge, and whether the bus brings them: None, or why not. Never returns."""
    settle_seconds = 0.0
    while True:
        try:
            await _listen_once(on_nudge, on_bus, settle_seconds)
        except (RedisError, OSError, TimeoutError) as error:
            on_bus(error)
        settle_seconds = SETTLE_SECONDS
        await asyncio.sleep(RETRY_SECONDS)


async def _listen_once(
    on_nudge: Callable[[bytes], None],
    on_bus: Callable[[Exception | None], None],
    settle_seconds: float,
) -> None:
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=SILENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    async with client, client.pubsub() as pubsub:
        await pubsub.subscribe(NUDGE_CHANNEL)
        await _hear(pubsub, on_nudge)  # the bus confirms the subscription
        trusted = asyncio.get_running_loop().call_later(settle_seconds, on_bus, None)
        try:
            while True:
                await _hear(pubsub, on_nudge)
        finally:
            trusted.cancel()


async def _hear(pubsub: PubSub, on_nudge: Callable[[bytes], None]) -> None:
    """Hand on one nudge. A bus silent for long is asked whether it is still there."""
    message = await pubsub.get_message(timeout=SILENCE_SECONDS)
    if message is None:
        await pubsub.ping()
        message = await pubsub.get_message(timeout=SILENCE_SECONDS)
        if message is None:
            raise TimeoutError
    if message["type"] == "message":
        on_nudge(message["data"])
