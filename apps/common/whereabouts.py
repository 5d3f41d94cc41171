"""Who is at what right now: kept in Redis alone, each for some seconds, and gone with it.

Nothing depends on it. While Redis is away everybody seems to be alone.
"""

import time

import redis

from apps.common import bus

_FORGET_SECONDS = 120


def note(place: str, member: int, *, seconds: float) -> bool:
    """Have `member` be at a place for so long from now; true if they had not been there."""
    return bool(_told(place, add={str(member): time.time() + seconds}))


def leave(place: str, member: int) -> bool:
    """Have `member` leave a place; true if they had been there."""
    return bool(_told(place, remove=str(member)))


def who(place: str) -> set[int]:
    """Return who is at a place."""
    if bus.breaker.is_open():
        return set()
    try:
        found = bus.connection().zrangebyscore(_key(place), time.time(), "+inf")
    except redis.RedisError as error:
        bus.breaker.trip(error)
        return set()
    return {int(member) for member in found if isinstance(member, bytes)}


def _told(place: str, *, add: dict[str, float] | None = None, remove: str = "") -> int:
    """Change who is at a place; returns how many that concerned."""
    if bus.breaker.is_open():
        return 0
    try:
        pipeline = bus.connection().pipeline(transaction=True)
        pipeline.zremrangebyscore(_key(place), "-inf", time.time())
        if add:
            pipeline.zadd(_key(place), add)
        else:
            pipeline.zrem(_key(place), remove)
        pipeline.expire(_key(place), _FORGET_SECONDS)
        _, concerned, _ = pipeline.execute()
    except redis.RedisError as error:
        bus.breaker.trip(error)
        return 0
    return int(concerned)


def _key(place: str) -> str:
    return f"desk:at:{place}"
