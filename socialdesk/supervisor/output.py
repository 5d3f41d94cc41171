"""What people see in the terminal: every line under the name of the process that said it."""

import os
import signal
import sys
import threading

WIDTH = 9
COLOURS = {"web": 36, "live": 35, "worker": 33, "scheduler": 34, "desk": 32}

_one_at_a_time = threading.Lock()


def say(name: str, line: str) -> None:
    """Write one line under a process's name."""
    prefix = f"{name:<{WIDTH}} |"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
    tell(f"{prefix} {line}")


def tell(text: str) -> None:
    """Write text as it is; when nobody reads any more, the desk stops as if hung up on."""
    with _one_at_a_time:
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            os.kill(os.getpid(), signal.SIGHUP)
