"""What PostgreSQL and Valkey have in common: how any embedded server starts and stops."""

import random
import signal
import socket
import time
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from socialdesk.servers.errors import ServersError
from socialdesk.servers.place import Place
from socialdesk.servers.processes import Life, spawn, wait_for_end, working_in

# Below every system's range for outgoing connections: a client that keeps trying a dead server
# there could be given that very port and then connect to itself.
PORTS = range(20_000, 30_000)
# A database that was killed first reads its log again, however long that takes on a slow disk.
START_SECONDS = 120

# What to send one after the other, each with the seconds of patience before the next.
StopSignals = tuple[tuple[signal.Signals, float], ...]


class Server(Protocol):
    """One kind of server; its folder in the place and its key in the register are `name`."""

    name: str
    title: str
    variable: str  # the environment variable that names one to use instead
    needed_always: bool  # False: the desk works without it, only slower
    example: str  # how an address of one looks
    other_scheme: str
    pid_file: str
    stop_signals: StopSignals

    def prepare(self, place: Place) -> None:
        """Make its folder ready; ServersError when what lies there can't be used."""

    def command(self, place: Place, port: int) -> list[str]:
        """Return the command that runs it on 127.0.0.1 at `port`."""

    def url(self, place: Place, port: int) -> str:
        """Return the address, with the password, that the desk uses."""

    def answers(self, url: str) -> bool:
        """Whether it serves by now."""

    def check(self, url: str) -> None:
        """Raise ServersError with a clear sentence when a server of the person's own is away."""


def start(server: Server, place: Place, port: int) -> Life:
    """Start it in its folder and wait until it serves; nothing may run from there (see stop)."""
    server.prepare(place)
    log = place.log(server.name)
    told = log.stat().st_size if log.exists() else 0
    folder = place.folder / server.name
    life = spawn(server.command(place, port), folder=folder, log=log, user=place.user)
    try:
        if not _serves_in_time(server, server.url(place, port), life):
            reason = _reason(log.read_bytes()[told:].decode(errors="replace"))
            raise ServersError(f"{server.title} did not start: {reason} (all of it: {log})")
    except BaseException:
        stop(server, place)
        raise
    return life


def stop(server: Server, place: Place) -> None:
    """Stop it cleanly, and end what it may have left behind after a kill."""
    folder = place.folder / server.name
    running = working_in(folder)
    main = main_pid(folder / server.pid_file)
    for life in running:
        if life.pid == main:
            _stop_patiently(life, server.stop_signals)
    # A killed server's helpers notice and leave by themselves; those busy elsewhere don't.
    if not wait_for_end(running, seconds=2):
        for life in working_in(folder):
            life.send(signal.SIGKILL)
        wait_for_end(running, seconds=5)


def main_pid(pid_file: Path) -> int | None:
    """Return the pid a server wrote down; None when it wrote none."""
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def where(server: Server, url: str) -> str:
    """Return host and port of a person's own server; never the password that stands beside them."""
    like = urlsplit(server.example)
    try:
        parts = urlsplit(url)
        known = parts.scheme in (like.scheme, server.other_scheme)
        host, port = parts.hostname or "localhost", parts.port or like.port
    except ValueError:
        known = False
    if not known:
        raise ServersError(
            f"{server.variable} is no address of a {server.title}; write it like {server.example}"
        )
    return f"{host}:{port}"


def choose_port(remembered: int | None) -> int:
    """Return the port used before if it's free, else a free one."""
    if remembered and is_free(remembered):
        return remembered
    return next(port for port in random.sample(PORTS, 100) if is_free(port))


def is_free(port: int) -> bool:
    """Whether nothing listens on 127.0.0.1 at `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _serves_in_time(server: Server, url: str, life: Life) -> bool:
    until = time.monotonic() + START_SECONDS
    while not server.answers(url):
        if not life.alive or time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _reason(said: str) -> str:
    lines = said.splitlines() or ["it said nothing"]
    return next((line for line in lines if "FATAL" in line), lines[-1])


def _stop_patiently(life: Life, signals: StopSignals) -> None:
    for number, seconds in signals:
        life.send(number)
        if wait_for_end([life], seconds=seconds):
            return
    life.send(signal.SIGKILL)
