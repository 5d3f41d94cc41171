"""Processes that outlive us: known again by pid and start, started apart, stopped patiently."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

# Kept so that those that die while we live are collected and leave no zombie.
_children: list[subprocess.Popen[bytes]] = []


class Owner(NamedTuple):
    """Whom files belong to and processes run as; the ids need no name on this machine."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Life:
    """One run of one process: a pid may be given again, a pid and its start may not."""

    pid: int
    started: float  # seconds from boot, which no clock change moves

    @classmethod
    def of(cls, pid: int) -> "Life | None":
        """Return the run of this pid now, or None when it has ended."""
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid, round(process.create_time() - psutil.boot_time(), 2))
        except psutil.NoSuchProcess:
            return None

    @property
    def alive(self) -> bool:
        """Whether this very run goes on."""
        return Life.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the run has ended."""
        if self.alive:
            os.kill(self.pid, number)


def this_process() -> Life:
    """Return our own run."""
    life = Life.of(os.getpid())
    assert life is not None
    return life


def as_user(user: Owner | None) -> dict[str, Any]:
    """Return the arguments that make `subprocess` run as `user` (None: as we are)."""
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def spawn(command: list[str], *, folder: Path, log: Path, user: Owner | None) -> Life:
    """Start a server in a session of its own, so that no Ctrl-C meant for us reaches it."""
    for child in _children:
        child.poll()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=0o077,
            **as_user(user),
        )
    _children.append(process)
    return Life.of(process.pid) or Life(process.pid, 0)


def working_in(folder: Path) -> list[Life]:
    """Return every process at work in `folder`: its server and the server's own helpers."""
    found = []
    for process in psutil.process_iter():
        try:
            at_work = process.cwd() == str(folder)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if at_work and (life := Life.of(process.pid)):
            found.append(life)
    return found


def wait_for_end(lives: Iterable[Life], *, seconds: float) -> bool:
    """Wait until all have ended; False when `seconds` were not enough."""
    until = time.monotonic() + seconds
    lives = list(lives)
    while any(life.alive for life in lives):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
