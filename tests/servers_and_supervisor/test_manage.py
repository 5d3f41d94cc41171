import psycopg
import pytest
from django.core.management import call_command

from socialdesk.servers import ServersError, delete_data
from socialdesk.servers.command_line import needs_database
from socialdesk.servers.postgres import Postgres
from socialdesk.servers.server import Server
from socialdesk.servers.valkey import Valkey
from tests.servers_and_supervisor.desk import Desk


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("manage.py", False),
        ("manage.py help", False),
        ("manage.py --version", False),
        ("manage.py migrate --help", False),
        ("manage.py check --deploy", False),
        ("manage.py makemessages", False),
        ("manage.py check --database default", True),
        ("manage.py migrate", True),
        ("manage.py up", True),
    ],
)
def test_only_a_command_that_needs_the_database_starts_it(line: str, needed: bool) -> None:
    assert needs_database(line.split()) is needed


def test_a_command_alone_has_its_servers_and_leaves_none(desk: Desk) -> None:
    counted = desk.manage(
        "shell", "-v0", "-c", "from django.db import connection as c; c.ensure_connection();"
        "from django.core.cache import cache; cache.set('a', 1); print('both answer')"
    )  # fmt: skip
    assert counted.stdout.strip() == "both answer", counted.stderr
    assert desk.processes() == []


def test_a_command_without_database_starts_nothing(desk: Desk) -> None:
    elsewhere = Desk(desk.home / "never-made")
    assert elsewhere.manage("check").returncode == 0
    assert not elsewhere.home.exists()


@pytest.mark.parametrize(
    ("command", "variable", "url"),
    [
        ("showmigrations", "DATABASE_URL", "postgresql://me@127.0.0.1:9/x"),
        ("up", "REDIS_URL", "redis://127.0.0.1:9/0"),
    ],
)
def test_an_unreachable_server_of_ones_own_is_told_in_one_sentence(
    desk: Desk, command: str, variable: str, url: str
) -> None:
    own = Desk(desk.home, {variable: url})
    refused = own.manage(command)
    assert refused.returncode == 1
    assert f"of {variable} (127.0.0.1:9) is away" in refused.stderr
    assert f"unset {variable}" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("server", [Postgres(), Valkey()])
@pytest.mark.parametrize("url", ["what?", "http://127.0.0.1:9", "x://me:secret@[::1"])
def test_what_is_no_address_of_a_server_is_told_alike(server: Server, url: str) -> None:
    with pytest.raises(ServersError, match=f"{server.variable} is no address") as told:
        server.check(url)
    assert "secret" not in str(told.value)


def test_reset_deletes_nothing_unless_someone_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(ServersError, match="Nobody is there to be asked"):
        call_command("reset")


def test_reset_leaves_a_database_of_ones_own_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/x")
    with pytest.raises(ServersError, match="of your own"):
        call_command("reset", yes=True)


def test_servers_in_use_are_never_deleted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_HOME", str(desk.home))
    with desk.held() as holder:
        with pytest.raises(ServersError, match=f"in use .pid {holder.process.pid}.*make down"):
            delete_data()
        psycopg.connect(holder.database).close()


def test_down_says_when_there_is_nothing_to_stop(desk: Desk) -> None:
    assert f"No desk runs from {desk.home}" in desk.manage("down").stdout
