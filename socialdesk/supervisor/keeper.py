"""Keeping one process running: started again when it dies, each time after a longer pause."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from django.conf import settings

from socialdesk.supervisor.output import say
from socialdesk.supervisor.parts import Part

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
STEADY_SECONDS = 30.0


class Keeper:
    """One part's process, kept by a thread of its own until `stop` is asked for."""

    def __init__(self, part: Part, tell_guard: Callable[[str], None]) -> None:
        self.part = part
        self._tell_guard = tell_guard
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._keep, name=part.name, daemon=True)

    def start(self) -> None:
        """Start keeping."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let the process finish what it is at, and not come back."""
        self._stopping.set()
        if self._process:
            self._process.terminate()

    def wait_or_kill(self, seconds: float) -> None:
        """Wait for the end; who needs longer than `seconds` is killed."""
        self._thread.join(max(seconds, 0))
        while self._thread.is_alive():
            if self._process:
                _kill_group(self._process.pid)
            self._thread.join(0.2)

    def _keep(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            say("desk", f"{self.part.name} ended ({_ending(code)}); it starts again in {pause:g} s")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _run_once(self) -> int:
        process = subprocess.Popen(
            self.part.command,
            cwd=settings.BASE_DIR,
            env={**os.environ, "DESK_PROCESS": self.part.name, **self.part.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._tell_guard(f"+{process.pid}")
        self._process = process
        if self._stopping.is_set():
            process.terminate()
        relay = threading.Thread(target=self._relay, args=[process], daemon=True)
        relay.start()
        code = process.wait()
        # What it started may have outlived it, on its port or with its work in hand.
        _kill_group(process.pid)
        relay.join()
        self._tell_guard(f"-{process.pid}")
        return code

    def _relay(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout:
            for line in filter(str.strip, process.stdout):
                say(self.part.name, line.rstrip())


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
