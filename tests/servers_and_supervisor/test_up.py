"""`manage.py up`, as a person runs it: in one process group, ended by signals."""

import os
import signal
import socket
import time

import pytest

from tests.servers_and_supervisor.desk import Desk, wait_until
from tests.servers_and_supervisor.running import free_port, up


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
