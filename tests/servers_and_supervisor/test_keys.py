"""A desk's keys: its own from the first start, the same for all its processes, never guessed."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from socialdesk import keys
from tests.servers_and_supervisor.desk import CHECKOUT, Desk


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new desk's home, in an environment that names no key."""
    for name in keys.RECIPES:
        monkeypatch.setenv(name, "")
    return tmp_path / "home"


def test_the_first_process_makes_keys_that_every_later_one_uses(home: Path) -> None:
    keys.put_in_environment(home)
    first = {name: os.environ.pop(name) for name in keys.RECIPES}
    keys.put_in_environment(home)
    assert {name: os.environ[name] for name in keys.RECIPES} == first
    assert json.loads((home / "keys.json").read_text()) == first
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["keys.json"]
    assert len(first["SECRET_KEY"]) >= 50
    Fernet(first["CREDENTIAL_KEYS"])


def test_two_desks_never_have_the_same_keys(home: Path) -> None:
    keys.put_in_environment(home)
    first = [os.environ.pop(name) for name in keys.RECIPES]
    keys.put_in_environment(home.with_name("another"))
    assert not {os.environ[name] for name in keys.RECIPES} & set(first)


def test_keys_that_people_set_come_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    keys.put_in_environment(home)
    assert os.environ["SECRET_KEY"] == "given"
    kept = json.loads((home / "keys.json").read_text())
    assert os.environ["CREDENTIAL_KEYS"] == kept["CREDENTIAL_KEYS"]


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"SECRET_KEY": "one alone"}'])
def test_keys_that_cannot_be_read_are_told_in_one_sentence_and_kept(
    home: Path, damage: str
) -> None:
    home.mkdir()
    (home / "keys.json").write_text(damage)
    with pytest.raises(ImproperlyConfigured, match=r"keys\.json.* backup: .* make reset"):
        keys.put_in_environment(home)
    assert (home / "keys.json").read_text() == damage


def test_a_key_that_cannot_encrypt_is_told_with_the_way_to_make_one() -> None:
    good = keys.new_credential_key()
    with pytest.raises(ImproperlyConfigured, match=r"Key 2 .* is not 32 bytes .*openssl rand"):
        keys.require(secret_key="given", credential_keys=[good, "short"])


def test_production_asks_for_keys_and_makes_none(home: Path) -> None:
    production = Desk(home, {"PRODUCTION": "1", "SECRET_KEY": "given"})
    refused = production.manage("showmigrations")
    assert refused.returncode == 1
    assert "A desk in production needs a CREDENTIAL_KEYS of its own" in refused.stderr
    assert "openssl rand" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (home / "keys.json").exists()


def test_a_setting_that_makes_no_sense_is_told_in_one_sentence(home: Path) -> None:
    refused = Desk(home, {"PORT": "abc"}).manage("check")
    assert refused.returncode == 1
    assert 'Environment variable "PORT" invalid' in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_runs_without_manage_py_needs_no_keys_and_makes_no_file(home: Path) -> None:
    show = "from socialdesk import settings as s; print(s.SECRET_KEY, *s.CREDENTIAL_KEYS)"
    alone = subprocess.run(
        [sys.executable, "-c", show],
        cwd=CHECKOUT,
        env=Desk(home).environment,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert len(alone.stdout.split()) == 2
    assert not home.exists()
