"""The doorbell's button: pressed after commit, rung by a thread of its own, which passes nudges on
to open pages, too.

Whoever presses never waits for Redis, and what a storm presses in one moment becomes one ring.
A ring lost with its process is no work lost: the scheduler's sweep finds the same rows.
"""

import atexit
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from queue import SimpleQueue

from django.db import transaction

from apps.common import bus

MOMENT_SECONDS = 0.01
LAST_SECONDS = 0.5

Nudges = Sequence[Mapping[str, object]]


class Doorbell:
    """Rings for this process; its thread begins with the first press."""

    def __init__(self) -> None:
        self._errands: SimpleQueue[str | Nudges | None] = SimpleQueue()
        self._beginning = threading.Lock()
        self._ringing: threading.Thread | None = None

    def take(self, errand: str | Nudges) -> None:
        """Have the worker of a task woken soon, or open pages nudged."""
        self._errands.put(errand)
        if self._ringing is None or not self._ringing.is_alive():
            self._begin()

    def finish(self) -> None:
        """Let what was taken be done before the process ends, unless that takes long."""
        if self._ringing is not None and self._ringing.is_alive():
            self._errands.put(None)
            self._ringing.join(LAST_SECONDS)

    def _begin(self) -> None:
        with self._beginning:
            if self._ringing is None or not self._ringing.is_alive():
                self._ringing = threading.Thread(target=self._ring, name="doorbell", daemon=True)
                self._ringing.start()

    def _ring(self) -> None:
        errands: list[str | Nudges | None] = []
        while None not in errands:
            errands = [self._errands.get()]
            while not self._errands.empty():
                errands.append(self._errands.get())
            tasks = {errand for errand in errands if isinstance(errand, str)}
            nudges = [errand for errand in errands if errand and not isinstance(errand, str)]
            bus.publish(list(chain.from_iterable(nudges)))
            for task in sorted(tasks):
                bus.ring(task)
            time.sleep(MOMENT_SECONDS)


_doorbell = Doorbell()
atexit.register(_doorbell.finish)


def ring_after_commit(task: str) -> None:
    """Ring once what is being written can be seen by others; at once outside a transaction."""
    transaction.on_commit(partial(_doorbell.take, task))


def ring(task: str) -> None:
    """Ring once, for what is committed."""
    _doorbell.take(task)


def pass_on(nudges: Nudges) -> None:
    """Nudge open pages, about what is committed."""
    if nudges:
        _doorbell.take(nudges)
