"""Who is at what right now: kept in Redis alone, each for some seconds, and gone with it.

Nothing depends on it. While Redis is away everybody seems to be alone.
"""

import time
from collections.abc import Sequence

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
    return who_at([place])[place]


def who_at(places: Sequence[str]) -> dict[str, set[int]]:
    """Return who is at each of these places, in one round trip."""
    nobody: dict[str, set[int]] = {place: set() for place in places}
    if not places or bus.breaker.is_open():
        return nobody
    try:
        pipeline = bus.connection().pipeline(transaction=False)
        for place in places:
            pipeline.zrangebyscore(_key(place), time.time(), "+inf")
        found = pipeline.execute()
    except redis.RedisError as error:
        bus.breaker.trip(error)
        return nobody
    return {
        place: {int(member) for member in members}
        for place, members in zip(places, found, strict=True)
    }


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
