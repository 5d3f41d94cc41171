"""Redis as bus and doorbell: fast when it is there, never in the way when it is not.

Nothing that must not be lost goes through here. Every call gives up after 100 ms, and after a
failure the breaker keeps the request path off Redis for a few seconds (docs/explanation/trust.md).
"""

import json
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

import redis
import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 0.1
BREAKER_SECONDS = 3.0
RING_EXPIRES_SECONDS = 10
# Redis publishes across its numbered databases, so the number keeps two desks on one server apart.
NUDGE_CHANNEL = f"desk:nudges:{urlsplit(settings.REDIS_URL).path.strip('/') or 0}"


class Breaker:
    """Open for `BREAKER_SECONDS` after a failure; one process, one breaker."""

    def __init__(self) -> None:
        self._closed_again_at = 0.0

    def is_open(self) -> bool:
        """Whether Redis is being left alone for now."""
        return time.monotonic() < self._closed_again_at

    def trip(self, error: Exception) -> None:
        """Leave Redis alone for a while after this failure."""
        self._closed_again_at = time.monotonic() + BREAKER_SECONDS
        log.warning("redis_unreachable", error=type(error).__name__)


breaker = Breaker()


@lru_cache(maxsize=1)
def connection() -> redis.Redis:
    """Return this process's Redis client: no retries, 100 ms for everything."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=None,
    )


def publish(nudges: Sequence[Mapping[str, object]]) -> bool:
    """Publish live nudges; False when Redis is away (browsers then poll every 15 s)."""
    if not nudges or breaker.is_open():
        return False
    try:
        pipeline = connection().pipeline(transaction=False)
        for nudge in nudges:
            pipeline.publish(NUDGE_CHANNEL, json.dumps(nudge, separators=(",", ":")))
        pipeline.execute()
    except redis.RedisError as error:
        breaker.trip(error)
        return False
    return True


def ring(task: str) -> bool:
    """Ring the doorbell of a Celery task by name, once per waiting round.

    Returns False when Redis is away; the scheduler's sweep then does the work.
    """
    if breaker.is_open():
        return False
    try:
        if connection().set(_ring_key(task), 1, nx=True, ex=RING_EXPIRES_SECONDS):
            current_app.send_task(task, retry=False, expires=60)
    except (redis.RedisError, OperationalError) as error:
        breaker.trip(error)
        return False
    return True


def answer(task: str) -> None:
    """Called by the task before it looks for work, so that later work rings again."""
    if breaker.is_open():
        return
    try:
        connection().delete(_ring_key(task))
    except redis.RedisError as error:
        breaker.trip(error)


def _ring_key(task: str) -> str:
    return f"desk:ring:{task}"
