import json
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client, override_settings

from tests.servers_and_supervisor.desk import CHECKOUT, Desk

NOWHERE = {"DATABASE_URL": "postgresql://me@127.0.0.1:9/x", "REDIS_URL": "redis://127.0.0.1:9/0"}
ASK = """
import django
django.setup()
from django.test import Client
for path in ("/healthz", "/readyz"):
    answer = Client().get(path)
    print(answer.status_code, answer.content.decode())
"""


@pytest.mark.django_db
def test_a_desk_with_everything_is_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "redis": "ok",
    }


@pytest.mark.django_db
@override_settings(REDIS_URL=NOWHERE["REDIS_URL"])
def test_a_desk_without_redis_is_slower_but_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"


@pytest.mark.django_db
def test_a_desk_whose_database_lacks_a_migration_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'conversations'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "run manage.py migrate" in answer.json()["migrations"]


def test_a_desk_without_its_database_is_alive_but_not_ready(desk: Desk) -> None:
    variables = {**desk.environment, **NOWHERE, "DJANGO_SETTINGS_MODULE": "socialdesk.settings"}
    said = subprocess.check_output(
        [sys.executable, "-c", ASK], cwd=CHECKOUT, env={**variables, "ALLOWED_HOSTS": "testserver"}
    )
    alive, ready = (line.split(" ", 1) for line in said.decode().splitlines() if line[:1] in "25")
    assert alive == ["200", '{"status": "alive"}']
    assert ready[0] == "503"
    assert json.loads(ready[1])["status"] == "unavailable"
    assert "PostgreSQL does not answer" in json.loads(ready[1])["database"]
