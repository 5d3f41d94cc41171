import json
import os
import signal
import stat
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from socialdesk.servers.place import find_place
from socialdesk.servers.processes import Life
from tests.servers_and_supervisor.desk import Desk, wait_until


@pytest.fixture
def place_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DESK_HOME", str(desk.home))
    return find_place().folder


def test_the_first_holder_starts_both_servers_and_the_last_one_out_stops_both(desk: Desk) -> None:
    with desk.held() as first:
        with desk.held() as second:
            assert (first.database, first.redis) == (second.database, second.redis)
            assert len(desk.register["holders"]) == 2
        assert second.process.wait(10) == 0
        psycopg.connect(first.database).close()
        assert redis.Redis.from_url(first.redis).ping()
    assert first.process.wait(10) == 0
    assert desk.processes() == []
    assert desk.register["holders"] == []


def test_the_next_start_uses_the_ports_of_the_last_one(desk: Desk) -> None:
    with desk.held() as before:
        pass
    with desk.held() as after:
        assert (before.database, before.redis) == (after.database, after.redis)


def test_what_a_killed_holder_left_running_is_shared_and_stopped_by_the_next(desk: Desk) -> None:
    with desk.held() as killed:
        killed.process.kill()
    left = desk.pid("postgres"), desk.pid("valkey")
    with desk.held() as following:
        assert (desk.pid("postgres"), desk.pid("valkey")) == left
        assert following.database == killed.database
        assert [holder["life"]["pid"] for holder in desk.register["holders"]] == [
            following.process.pid
        ]


@pytest.mark.parametrize("register", [None, "", '{"servers": {"post'])
def test_servers_of_a_lost_register_are_cleared_away_by_the_next_start(
    desk: Desk, register: str | None
) -> None:
    with desk.held() as killed:
        left = [Life.of(desk.pid("postgres")), Life.of(desk.pid("valkey"))]
        killed.process.kill()
    (desk.home / "servers.json").unlink()
    if register is not None:
        (desk.home / "servers.json").write_text(register)
    with desk.held():
        assert [life.alive for life in left if life] == [False, False]


def test_killed_servers_are_healed_on_the_ports_they_had(desk: Desk) -> None:
    with desk.held() as holder:
        with psycopg.connect(holder.database, autocommit=True) as database:
            database.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
            database.execute("INSERT INTO kept VALUES ('stays')")
        desk.kill_servers()
        assert holder.heal() == "PostgreSQL Valkey"
        with psycopg.connect(holder.database) as database:
            assert database.execute("SELECT word FROM kept").fetchone() == ("stays",)
        assert redis.Redis.from_url(holder.redis).ping()
        assert holder.heal() == ""


def test_everything_killed_at_once_stops_no_next_start(desk: Desk) -> None:
    with desk.held() as holder:
        holder.process.kill()
        desk.kill_servers()
    with desk.held() as following:
        psycopg.connect(following.database).close()


def test_a_pid_that_now_belongs_to_another_process_is_not_taken_for_ours(desk: Desk) -> None:
    with desk.held():
        pass
    register = desk.register
    stranger = {"pid": os.getpid(), "started": 1.0}
    register["servers"]["postgres"]["life"] = stranger
    register["holders"] = [{"life": stranger, "servers": ["postgres", "valkey"]}]
    (desk.home / "servers.json").write_text(json.dumps(register))
    with desk.held() as holder:
        assert desk.pid("postgres") != os.getpid()
        assert len(desk.register["holders"]) == 1
        psycopg.connect(holder.database).close()


def test_a_lock_left_with_the_pid_of_a_living_stranger_is_no_obstacle(
    desk: Desk, place_folder: Path
) -> None:
    with desk.held():
        pass
    (place_folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    with desk.held() as holder:
        psycopg.connect(holder.database).close()


def test_strangers_on_the_same_machine_need_the_password(desk: Desk, place_folder: Path) -> None:
    with desk.held() as holder:
        port = desk.register["servers"]["postgres"]["port"]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://socialdesk@127.0.0.1:{port}/socialdesk")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=desk.register["servers"]["valkey"]["port"]).ping()
        password = (place_folder / "password").read_text()
        commands = [psutil.Process(desk.pid(name)).cmdline() for name in ("postgres", "valkey")]
        assert password in holder.database
        assert password not in str(commands)
    for secret in ("password", "valkey/valkey.conf"):
        assert stat.S_IMODE((place_folder / secret).stat().st_mode) == 0o600


def test_the_database_keeps_what_it_confirmed_and_sorts_alike_everywhere(desk: Desk) -> None:
    with desk.held() as holder, psycopg.connect(holder.database) as database:
        for setting, value in [("fsync", "on"), ("synchronous_commit", "on"), ("jit", "off")]:
            assert database.execute(f"SHOW {setting}").fetchone() == (value,)
        known = database.execute(
            "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database"
            " WHERE datname = 'socialdesk'"
        ).fetchone()
        assert known == ("UTF8", "C.UTF-8")


def test_an_interrupted_command_lets_go_of_the_servers(desk: Desk) -> None:
    with desk.popen("manage.py", "shell", "-v0", "-c", "input()") as process:
        assert wait_until(lambda: len(desk.register["holders"]) == 1, seconds=20)
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert desk.processes() == []
