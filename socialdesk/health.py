"""Whether the web process is alive, and whether the desk behind it is ready."""

from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

OK = "ok"
REDIS_TIMEOUT_SECONDS = 0.5


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process answers at all; it asks nobody else."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the desk can work, 503 with the reason when it can't.

    Without Redis it can: everything is in PostgreSQL and the sweeps find it, only slower. That
    state is `degraded`.
    """
    state = {**_database(), "redis": _redis()}
    if state["database"] != OK or state["migrations"] != OK:
        status = "unavailable"
    else:
        status = "ready" if state["redis"] == OK else "degraded"
    body = {"status": status, **state}
    return JsonResponse(body, status=503 if status == "unavailable" else 200)


def _database() -> dict[str, str]:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error:
        away = "PostgreSQL does not answer; start it, or see DATABASE_URL"
        return {"database": away, "migrations": "unknown"}
    missing = len(_known_migrations() - applied.keys())
    migrations = f"{missing} are missing; run manage.py migrate" if missing else OK
    return {"database": OK, "migrations": migrations}


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations)


def _redis() -> str:
    timeout = REDIS_TIMEOUT_SECONDS
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=timeout, socket_timeout=timeout
        ) as client:
            client.ping()
    except redis.RedisError:
        return "Redis does not answer; the desk works without it, only slower"
    return OK
