"""`manage.py up`, as a person runs it: in one process group, ended by signals."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
import pytest

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


def test_a_desk_runs_heals_and_ends_with_ctrl_c(desk: Desk) -> None:
    with up(desk) as running:
        assert running.said(f"http://127.0.0.1:{running.port}")
        assert running.state() == "ready"

        second = desk.manage("up")
        assert second.returncode == 1
        assert "already runs at" in second.stderr
        assert "make down" in second.stderr

        ports = {name: entry["port"] for name, entry in desk.register["servers"].items()}
        running.part("web").kill()
        desk.kill_servers()
        assert wait_until(lambda: running.said("web ended (killed by SIGKILL)"), seconds=10)
        assert wait_until(lambda: running.state() == "ready", seconds=20), running.lines
        assert running.said("PostgreSQL had died and runs again")
        assert running.said("Valkey had died and runs again")
        assert ports == {name: entry["port"] for name, entry in desk.register["servers"].items()}

        began = time.monotonic()
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.process.wait(30) == 0
        assert time.monotonic() - began < 15
    assert not running.said("Traceback")
    assert desk.processes() == []


def test_nothing_outlives_a_desk_that_was_killed_and_the_next_one_starts(desk: Desk) -> None:
    with up(desk) as running:
        running.process.kill()
    assert wait_until(lambda: desk.processes() == [], seconds=15), desk.processes()
    with up(desk) as running:
        assert running.state() == "ready"
        assert "The desk has stopped" in desk.manage("down").stdout
        assert running.process.wait(5) == 0
    assert desk.processes() == []


@pytest.mark.parametrize("variable", ["PORT", "LIVE_PORT"])
def test_a_taken_port_is_told_in_one_sentence_with_a_way_out(desk: Desk, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        desk.variables.update({"PORT": str(free_port()), "LIVE_PORT": str(free_port())})
        desk.variables[variable] = str(port)
        refused = desk.manage("up")
    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"Port {port} is taken by another program (pid {os.getpid()}); "
        f"stop it or choose another: {variable}={port + 100} make up"
    )
