"""The supervisor: runs the parts and heals the embedded servers until it is told to stop."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from socialdesk import servers
from socialdesk.supervisor import guard
from socialdesk.supervisor.keeper import Keeper
from socialdesk.supervisor.output import say
from socialdesk.supervisor.parts import Part

HEAL_EVERY_SECONDS = 0.5
STOP_SECONDS = 8.0


class Stop(BaseException):
    """Someone wants the desk to end: Ctrl-C, `make down`, a closed terminal."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals that end a desk into one orderly way out; a repeated one changes nothing."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in _signals():
            signal.signal(number, signal.SIG_IGN)
        raise Stop

    for number in _signals():
        signal.signal(number, stop)
    try:
        yield
    except Stop:
        return


def _signals() -> Iterator[signal.Signals]:
    yield from (signal.SIGINT, signal.SIGTERM)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # unless started with nohup
        yield signal.SIGHUP


@contextmanager
def guarded() -> Iterator[Callable[[str], None]]:
    """Have the guard beside us; yields what tells it of a process group."""
    process = subprocess.Popen(
        [sys.executable, guard.__file__],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin
    pipe = process.stdin
    one_at_a_time = threading.Lock()

    def tell(line: str) -> None:
        # A guard that was killed is missed only if we are killed too.
        with one_at_a_time, suppress(BrokenPipeError):
            pipe.write(line + "\n")
            pipe.flush()

    try:
        yield tell
    finally:
        tell("bye")
        process.wait()


def run(parts: list[Part], tell_guard: Callable[[str], None]) -> None:
    """Run the parts until Stop is raised, then stop them all within STOP_SECONDS."""
    keepers = [Keeper(part, tell_guard) for part in parts]
    try:
        for keeper in keepers:
            keeper.start()
        while True:
            _heal()
            time.sleep(HEAL_EVERY_SECONDS)
    finally:
        say("desk", "stopping")
        for keeper in keepers:
            keeper.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for keeper in keepers:
            keeper.wait_or_kill(until - time.monotonic())


def _heal() -> None:
    try:
        for title in servers.heal():
            say("desk", f"{title} had died and runs again")
    except servers.ServersError as error:
        say("desk", str(error))
