"""Every command that a page tells people to type is typed by a test."""

import os
import re
import subprocess

import pytest

from tests.docs.pages import CHECKOUT, PAGES, commands, name

# What can't be typed here as it stands: which file does it, and the words it does it with.
ELSEWHERE = {
    r"make up": (".ci/fresh", "make up"),
    r"make down": (".ci/fresh", "make down"),
    r"make test": (".ci/run", "make test"),
    r"make reset": ("tests/servers_and_supervisor/test_manage.py", '"reset"'),
    r"DATABASE_URL=\S+ REDIS_URL=\S+ make up": (
        "tests/servers_and_supervisor/test_manage.py",
        '"up", "REDIS_URL"',
    ),
    r"\S+/python manage\.py simulate .*": ("tests/docs/test_first_half_hour.py", "simulate"),
    r"\S+/python manage\.py import_tweets .*": ("tests/archive/test_import.py", '"import_tweets"'),
    r"cat > \.env <<END\n.*": ("tests/compose/test_run_for_real.py", "blocks()[0]"),
    r"docker compose exec web python .*": ("tests/compose/test_run_for_real.py", "INSIDE"),
    # No container engine is at hand: what these start is run as plain processes.
    r"docker compose (up --build --detach|ps)": ("tests/compose/test_commands.py", "def test_"),
    r"docker compose exec -T postgres pg_dump .*": (
        "tests/compose/test_run_for_real.py",
        "pg_dump",
    ),
    r"git pull": ("docs/how-to/run-for-real.md", "## A new version"),  # not ours to prove
}
TYPED = [(name(page), command) for page in PAGES for command in commands(page)]
HERE = [(page, line) for page, line in TYPED if "manage.py showmigrations" in line]


@pytest.mark.parametrize(("where", "command"), TYPED)
def test_every_command_is_typed_by_a_test(where: str, command: str) -> None:
    found = [proof for form, proof in ELSEWHERE.items() if re.fullmatch(form, command, re.DOTALL)]
    if (where, command) not in HERE:
        assert found, f"type it in a test, or say which one does: {command}"
        for file, words in found:
            assert words in (CHECKOUT / file).read_text()


@pytest.mark.parametrize(("where", "command"), HERE)
def test_a_command_finds_a_database_of_ones_own(where: str, command: str) -> None:
    example = "postgresql://desk:password@db.example.com:5432/desk"
    assert example in command
    typed = command.replace(example, os.environ["DATABASE_URL"])
    done = subprocess.run(
        typed, shell=True, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "0001_initial" in done.stdout
