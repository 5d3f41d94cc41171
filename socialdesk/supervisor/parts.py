"""The four processes of a running desk, each as the command that anyone could type."""

import sys
from dataclasses import dataclass, field

from django.conf import settings

# Streams stay open as long as a browser does; the default of 1024 connections would be too few.
LIVE_CONNECTIONS = 20_000
# Connections a web process keeps beyond one a thread, so that a burst never waits for a handshake.
SPARE_CONNECTIONS = 2


@dataclass(frozen=True)
class Part:
    """One process: the name in front of its lines, its command, and what its settings differ in."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def all_parts() -> list[Part]:
    """Return web, live, worker and scheduler."""
    return [_web(), _live(), _worker(), _scheduler()]


def _web() -> Part:
    command = [
        *_granian("wsgi", settings.PORT),
        f"--workers={settings.WEB_WORKERS}",
        f"--blocking-threads={settings.WEB_THREADS}",
        "--respawn-failed-workers",
        "socialdesk.wsgi:application",
    ]
    pool = settings.WEB_THREADS + SPARE_CONNECTIONS
    return Part("web", command, {"DATABASE_POOL": str(pool)})


def _live() -> Part:
    command = [
        *_granian("asginl", settings.LIVE_PORT),
        "--loop=uvloop",
        "--backlog=4096",
        f"--backpressure={LIVE_CONNECTIONS}",
        "--respawn-failed-workers",
        "socialdesk.live:application",
    ]
    return Part("live", command)


def _granian(interface: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", interface),
        *("--host", settings.BIND, "--port", str(port)),
        *("--no-ws", "--workers-kill-timeout=4", "--log-level=error"),
    ]


def _worker() -> Part:
    # Root's desk runs its worker as root, in the same checkout; the broker takes JSON alone.
    quiet = "ignore:You're running the worker with superuser privileges"
    command = [
        *(sys.executable, "-W", quiet, "-m", "celery", "--app=socialdesk", "--quiet"),
        *("worker", "--queues=desk", f"--concurrency={settings.WORKER_PROCESSES}"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"),
    ]
    return Part("worker", command)


def _scheduler() -> Part:
    return Part("scheduler", [sys.executable, "manage.py", "scheduler"])
