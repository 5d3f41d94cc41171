"""How much is taken at the door: a network's storm always, a loop that never ends not.

Signed deliveries count by their channel, some at a time, for each costs a storm a look at Redis.
Whoever can't sign counts by their address, and gets no news of what was wrong after a while.
"""

import threading
import time
from collections import Counter

from django.conf import settings

from apps.common.rates import Rate, ask

MOST_AT_A_TIME = 20
# Uncounted deliveries are so small a part of what is let through.
UNCOUNTED = 100

# Deliveries not counted yet, by channel; and until when a channel that brought too many waits.
_uncounted: Counter[int] = Counter()
_counting = threading.Lock()
_waits_until: dict[int, float] = {}


def wait_of_channel(channel_id: int) -> float:
    """Count a signed delivery; return after how many seconds to come again, 0 to take it."""
    rest = _waits_until.get(channel_id, 0.0) - time.monotonic()
    if rest > 0:
        return rest
    rate = Rate.parse(settings.HOOK_RATE)
    at_a_time = max(1, min(MOST_AT_A_TIME, rate.most // UNCOUNTED))
    with _counting:
        _uncounted[channel_id] += 1
        if _uncounted[channel_id] < at_a_time:
            return 0.0
        _uncounted[channel_id] -= at_a_time  # taken before Redis is asked: others do not wait
    verdict = ask(f"hook {channel_id}", rate, cost=at_a_time)
    if verdict.is_allowed:
        return 0.0
    with _counting:  # this one is not taken; those before it are still to be counted
        _uncounted[channel_id] += at_a_time - 1
    _waits_until[channel_id] = time.monotonic() + verdict.wait
    return verdict.wait


def forget() -> None:
    """Forget what this process counted by itself."""
    _uncounted.clear()
    _waits_until.clear()


def wait_of_stranger(address: str) -> float:
    """Count a delivery that nobody signed; return after how many seconds to come again, or 0."""
    return ask(f"stranger {address}", Rate.parse(settings.STRANGER_RATE)).wait
