import pytest

from socialdesk.servers.command_line import needs_database
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
    desk.variables["DESK_HOME"] = str(desk.home / "never-made")
    assert desk.manage("--version").returncode == 0
    assert not (desk.home / "never-made").exists()
    del desk.variables["DESK_HOME"]


@pytest.mark.parametrize(
    ("command", "variable", "url", "sentence"),
    [
        (
            "showmigrations",
            "DATABASE_URL",
            "postgresql://me@127.0.0.1:9/x",
            "(127.0.0.1:9) is away",
        ),
        ("showmigrations", "DATABASE_URL", "what?", "(not an address) is away"),
        ("up", "REDIS_URL", "redis://127.0.0.1:9/0", "(127.0.0.1:9) is away"),
        ("up", "REDIS_URL", "what?", "is away"),
    ],
)
def test_an_unreachable_server_of_ones_own_is_told_in_one_sentence(
    desk: Desk, command: str, variable: str, url: str, sentence: str
) -> None:
    own = Desk(desk.home, {variable: url})
    refused = own.manage(command)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert f"unset {variable}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_reset_asks_and_never_deletes_what_is_in_use(desk: Desk) -> None:
    assert "Nobody is there to be asked" in desk.manage("reset").stderr
    with desk.held():
        refused = desk.manage("reset", "--yes")
    assert refused.returncode == 1
    assert "make down" in refused.stderr


def test_reset_leaves_a_database_of_ones_own_alone(desk: Desk) -> None:
    own = Desk(desk.home, {"DATABASE_URL": "postgresql://127.0.0.1:9/x"})
    assert "of your own" in own.manage("reset", "--yes").stderr


def test_down_says_when_there_is_nothing_to_stop(desk: Desk) -> None:
    assert f"No desk runs from {desk.home}" in desk.manage("down").stdout
