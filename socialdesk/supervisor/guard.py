"""The guard: a process that ends what the supervisor leaves when it is killed outright.

It reads its standard input, where the supervisor writes `+GROUP` and `-GROUP` as process groups
come and go, and `bye` when it ends in order. The end of the input without `bye` is its death.
Only the standard library: the guard is there before anything else and should weigh nothing.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 5
MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"


def guard() -> None:
    """Wait for the supervisor's end; if it wasn't in order, end its groups and the servers."""
    groups: set[int] = set()
    for line in sys.stdin:
        if line.startswith("bye"):
            return
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    _end(groups)
    subprocess.run([sys.executable, str(MANAGE), "down"], stdout=subprocess.DEVNULL, check=False)


def _end(groups: set[int]) -> None:
    for group in groups:
        _signal(group, signal.SIGTERM)
    until = time.monotonic() + PATIENCE_SECONDS
    while any(_signal(group, 0) for group in groups) and time.monotonic() < until:
        time.sleep(0.1)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Signal a group (0: only look); False when nobody is left in it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    guard()
