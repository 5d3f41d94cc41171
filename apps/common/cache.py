"""The cache: Redis while it is there, each process's own memory while it is away.

What is cached may be lost at any moment (limits on guessing passwords, above all); signing in
must not depend on it.
"""

from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from apps.common import bus

PATIENCE = {
    "socket_timeout": bus.TIMEOUT_SECONDS,
    "socket_connect_timeout": bus.TIMEOUT_SECONDS,
}


def _forgiving(name: str) -> Callable[..., Any]:
    def operation(cache: "ForgivingRedisCache", *arguments: Any, **options: Any) -> Any:
        return cache.either(name, *arguments, **options)

    operation.__doc__ = f"`{name}` in Redis, or in this process while Redis is away."
    return operation


class ForgivingRedisCache(BaseCache):
    """Asks Redis through the bus's breaker, so that a dead Redis costs 100 ms once."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {**PATIENCE, **params.get("OPTIONS", {})}
        self._shared = RedisCache(server, {**params, "OPTIONS": options})
        self._own = LocMemCache(f"away from {server}", {**params, "OPTIONS": {}})

    def either(self, name: str, *arguments: Any, **options: Any) -> Any:
        """Run one operation of the cache wherever it can be run now."""
        if not bus.breaker.is_open():
            try:
                return getattr(self._shared, name)(*arguments, **options)
            except redis.RedisError as error:
                bus.breaker.trip(error)
        return getattr(self._own, name)(*arguments, **options)

    add = _forgiving("add")
    get = _forgiving("get")
    set = _forgiving("set")
    touch = _forgiving("touch")
    delete = _forgiving("delete")
    has_key = _forgiving("has_key")
    incr = _forgiving("incr")
    get_many = _forgiving("get_many")
    set_many = _forgiving("set_many")
    delete_many = _forgiving("delete_many")
    clear = _forgiving("clear")
