"""The doorbell's button: pressed after commit, rung by a thread of its own.

Whoever presses never waits for Redis, and what a storm presses in one moment becomes one ring.
A ring lost with its process is no work lost: the scheduler's sweep finds the same rows.
"""

import threading
import time
from functools import partial
from queue import SimpleQueue

from django.db import transaction

from apps.common import bus

MOMENT_SECONDS = 0.01


class Doorbell:
    """Rings for this process; its thread begins with the first press."""

    def __init__(self) -> None:
        self._pressed: SimpleQueue[str] = SimpleQueue()
        self._beginning = threading.Lock()
        self._ringing: threading.Thread | None = None

    def press(self, task: str) -> None:
        """Have the task's worker woken soon."""
        self._pressed.put(task)
        if self._ringing is None or not self._ringing.is_alive():
            self._begin()

    def _begin(self) -> None:
        with self._beginning:
            if self._ringing is None or not self._ringing.is_alive():
                self._ringing = threading.Thread(target=self._ring, name="doorbell", daemon=True)
                self._ringing.start()

    def _ring(self) -> None:
        while True:
            tasks = {self._pressed.get()}
            while not self._pressed.empty():
                tasks.add(self._pressed.get())
            for task in sorted(tasks):
                bus.ring(task)
            time.sleep(MOMENT_SECONDS)


_doorbell = Doorbell()


def ring_after_commit(task: str) -> None:
    """Ring once what is being written can be seen by others; at once outside a transaction."""
    transaction.on_commit(partial(_doorbell.press, task))
