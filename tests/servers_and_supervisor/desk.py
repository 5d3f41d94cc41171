"""A desk of the tests' own: another DESK_HOME, other ports, and real processes in it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from socialdesk.servers.processes import Life, wait_for_end

CHECKOUT = Path(__file__).resolve().parent.parent.parent
HOLD = """
import os, sys
from socialdesk.servers import heal, hold
with hold():
    print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
    for line in sys.stdin:
        print(*heal(), flush=True)
"""


@dataclass
class Desk:
    """One DESK_HOME and what it takes to run commands in it."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment without what the tests' own servers put there."""
        ours = {"DATABASE_URL", "REDIS_URL", "DESK_PROCESS"}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        return {**kept, "DESK_HOME": str(self.home), "DESK_DEMO": "0", **self.variables}

    def popen(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start Python with these arguments, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            **options,
        )

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one management command to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def held(self) -> Iterator["Held"]:
        """Have a process hold the servers while the block runs."""
        with self.popen("-c", HOLD) as process:
            assert process.stdout
            database, redis = process.stdout.readline().split()
            try:
                yield Held(process, database, redis)
            finally:
                assert process.stdin
                if process.poll() is None:
                    process.stdin.close()

    @property
    def register(self) -> dict[str, Any]:
        """What servers.json says."""
        told: dict[str, Any] = json.loads((self.home / "servers.json").read_text())
        return told

    def pid(self, server: str) -> int:
        """Return the pid of a running server."""
        return int(self.register["servers"][server]["life"]["pid"])

    def kill_servers(self) -> None:
        """End both servers as a power cut would."""
        lives = [Life.of(self.pid(name)) for name in ("postgres", "valkey")]
        for life in filter(None, lives):
            life.send(signal.SIGKILL)
        assert wait_for_end(filter(None, lives), seconds=5)

    def processes(self) -> list[str]:
        """Name every process that runs for this desk, whoever started it."""
        return [process.name() for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            variables: dict[str, str] = process.environ()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False
        return variables.get("DESK_HOME") == str(self.home)


@dataclass
class Held:
    """A process that holds the servers, and their addresses."""

    process: subprocess.Popen[str]
    database: str
    redis: str

    def heal(self) -> str:
        """Have it heal its servers; return the titles of those it started again."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line: str = self.process.stdout.readline()
        return line.strip()


def wait_until(happens: Callable[[], bool], *, seconds: float) -> bool:
    """Whether it happens within these seconds."""
    until = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
