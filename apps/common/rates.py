"""How often somebody may do something: counted in Redis, in this process while Redis is away.

A limit guards the desk and must not stop it: with Redis gone each process counts for itself, so
that as many requests pass as there are processes, and never none (docs/reference/limits.md).

Each name has an instant from which nothing is owed (the generic cell rate algorithm): a request
moves it on by its share of the period, and is refused while it lies a whole period ahead.
"""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis

from apps.common import bus

MOST_NAMES = 10_000
PERIODS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_RATE = re.compile(r"(\d{1,9})/(s|m|min|h|d)")
_ASK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local after = free + ARGV[1]
if after - now > tonumber(ARGV[2]) then return {0, free - now} end
redis.call('SET', KEYS[1], after, 'PX', math.ceil(after - now) + 1)
return {1, after - now}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    most: int
    seconds: int

    @classmethod
    @lru_cache(maxsize=100)
    def parse(cls, text: str) -> "Rate":
        """Read a rate as in 600/min; raises ValueError."""
        found = _RATE.fullmatch(text.strip())
        if found is None or not int(found[1]):
            raise ValueError(f"Write a rate as in 600/min: {text}.")
        return cls(int(found[1]), PERIODS[found[2]])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may be done, how many more may, and after how many seconds one more."""

    is_allowed: bool
    left: int
    wait: float


def ask(name: str, rate: Rate, *, cost: int = 1) -> Verdict:
    """Count `cost` for a name, and say whether that is within its rate."""
    step, period = 1000 * rate.seconds * cost / rate.most, 1000 * rate.seconds
    is_allowed, owed = _shared(name, step, period) or _own.ask(name, step, period)
    left = int((period - owed) * rate.most / period + 1e-6)
    wait = 0.0 if is_allowed else (owed + step - period) / 1000
    return Verdict(is_allowed, max(0, left), max(0.0, wait))


def forget() -> None:
    """Forget what this process counted by itself."""
    _own.names.clear()


def _shared(name: str, step: float, period: float) -> tuple[bool, float] | None:
    if bus.breaker.is_open():
        return None
    try:
        allowed, owed = _script()(keys=[f"desk:rate:{name}"], args=[step, period])
    except redis.RedisError as error:
        bus.breaker.trip(error)
        return None
    return bool(allowed), float(owed)


@lru_cache(maxsize=1)
def _script() -> Any:
    return bus.connection().register_script(_ASK)


class _Own:
    """The same arithmetic in this process, for the names that were asked last."""

    def __init__(self) -> None:
        self.names: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, name: str, step: float, period: float) -> tuple[bool, float]:
        now = time.monotonic() * 1000
        with self._lock:
            free = max(now, self.names.pop(name, now))
            is_allowed = free + step - now <= period
            self.names[name] = free + step if is_allowed else free
            if len(self.names) > MOST_NAMES:
                self.names.popitem(last=False)
            return is_allowed, self.names[name] - now


_own = _Own()
