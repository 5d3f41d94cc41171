"""The scheduler: a small process that runs the sweeps itself.

Any number may run: each sweep holds a PostgreSQL advisory lock while it works, so one of them
works and the others stand by. With Redis down the sweeps carry all work, only slower; Celery's
own beat could not enqueue then.
"""

import threading
import time
from collections.abc import Sequence

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone

from socialdesk.scheduler.sweeps import SWEEPS, Sweep

log = structlog.get_logger(__name__)

LONGEST_PAUSE_SECONDS = 15.0


def run(stop: threading.Event, sweeps: Sequence[Sweep] = tuple(SWEEPS)) -> None:
    """Run every sweep in a thread of its own until `stop` is set: none can hold up another."""
    threads = [
        threading.Thread(target=_repeat, args=(sweep, stop), name=sweep.name) for sweep in sweeps
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _repeat(sweep: Sweep, stop: threading.Event) -> None:
    pause = sweep.seconds
    while not stop.wait(pause):
        pause = sweep.seconds if _once(sweep) else min(LONGEST_PAUSE_SECONDS, pause * 2)
    connection.close()


def _once(sweep: Sweep) -> bool:
    """Run it now if no other scheduler does; False after a failure: the next round retries."""
    began = time.monotonic()
    try:
        if _take_lock(sweep.name):
            try:
                sweep.run(timezone.now())
            finally:
                _release_lock(sweep.name)
    except DatabaseError as error:
        connection.close()
        log.warning("sweep_failed", sweep=sweep.name, error=type(error).__name__)
        return False
    except Exception:
        log.exception("sweep_failed", sweep=sweep.name)
        return False
    if (took := time.monotonic() - began) > sweep.seconds + 5:
        log.warning("sweep_slow", sweep=sweep.name, seconds=round(took, 1))
    return True


def _take_lock(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('sweep'), hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])


def _release_lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtext('sweep'), hashtext(%s))", [name])
