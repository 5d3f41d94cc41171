"""`manage.py up` as a person runs it: in one process group, ended by signals."""

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from tests.servers_and_supervisor.desk import Desk, wait_until

READY_SECONDS = 60


@dataclass
class Up:
    """A running `up` and what it has said so far."""

    process: subprocess.Popen[str]
    port: int
    live_port: int
    lines: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Collect its lines until it ends."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def said(self, words: str) -> bool:
        """Whether any line has these words."""
        return any(words in line for line in self.lines)

    def state(self) -> str:
        """Return what /readyz says, or why it can't be asked."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as page:
                return str(json.load(page)["status"])
        except OSError as error:
            return str(error)

    def part(self, name: str) -> psutil.Process:
        """Return the process of one part."""
        for child in psutil.Process(self.process.pid).children():
            if child.environ().get("DESK_PROCESS") == name:
                return child
        raise LookupError(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def up(desk: Desk) -> Iterator[Up]:
    ports = {"PORT": str(free_port()), "LIVE_PORT": str(free_port())}
    desk.variables.update(ports)
    with desk.popen("manage.py", "up", stderr=subprocess.STDOUT) as process:
        running = Up(process, int(ports["PORT"]), int(ports["LIVE_PORT"]))
        listener = threading.Thread(target=running.listen)
        listener.start()
        try:
            assert wait_until(lambda: running.said("The desk is ready"), seconds=READY_SECONDS), (
                running.lines
            )
            yield running
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
            listener.join()
