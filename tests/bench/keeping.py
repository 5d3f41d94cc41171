"""A filled desk that is kept between runs, in a database of its own beside the tests'.

To fill it takes minutes, to measure it seconds. New migrations are carried out on it, as on any
desk. Where what fills it has changed, or a migration is gone, it is made anew in its old one's
place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from tests.bench import filling
from tests.bench.filling import OPEN_SHARE, fill, people_and_channels


@contextmanager
def kept_desk(
    messages: int, *, agents: int, now: datetime, open_share: float = OPEN_SHARE
) -> Iterator[None]:
    """Have the connection name a desk of so many messages while the block runs."""

    def make() -> None:
        people_and_channels(agents)
        fill(messages, now=now, open_share=open_share)

    with kept(f"kept_{messages}_{agents}_{round(100 * open_share)}_", filling, make):
        yield


@contextmanager
def kept(kind: str, recipe: ModuleType, make: Callable[[], None]) -> Iterator[None]:
    """Have the connection name the desk of this kind that `make` filled, as the recipe has it."""
    assert recipe.__file__ is not None
    first = str(connection.settings_dict["NAME"])
    desk = kind + sha256(Path(recipe.__file__).read_bytes()).hexdigest()[:12]
    try:
        if desk not in _databases() or _has_unknown_tables(desk):
            _make(desk, kind, first, make)
        turn_to(desk)
        call_command("migrate", verbosity=0)
        yield
    finally:
        turn_to(first)


def turn_to(desk: str) -> None:
    """Have the connection name this database from now on."""
    connection.close()
    connection.settings_dict["NAME"] = desk


def on_the_server(statement: sql.Composed) -> list[tuple[str]]:
    """Carry out a statement about databases themselves; nobody may be in them."""
    known = connection.settings_dict
    connection.close()
    with psycopg.connect(
        host=known["HOST"],
        port=known["PORT"],
        user=known["USER"],
        password=known["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    ) as server:
        done = server.execute(statement)
        return done.fetchall() if done.description else []


def copied(original: str, copy: str) -> None:
    """Make a database the copy of another, whatever it was before."""
    dropped(copy)
    names = sql.Identifier(copy), sql.Identifier(original)
    on_the_server(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def dropped(name: str) -> None:
    """Drop a database, if there is one of that name."""
    on_the_server(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _make(desk: str, kind: str, first: str, make: Callable[[], None]) -> None:
    """Fill under another name, so that what is kept is whole."""
    for old in _databases():
        if old.startswith(kind):
            dropped(old)
    half = f"{kind}half"
    copied(first, half)
    turn_to(half)
    make()
    names = sql.Identifier(half), sql.Identifier(desk)
    on_the_server(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


def _databases() -> list[str]:
    return [name for (name,) in on_the_server(sql.SQL("SELECT datname FROM pg_database").format())]


def _has_unknown_tables(desk: str) -> bool:
    """Whether a migration was carried out there that this checkout does not have."""
    turn_to(desk)
    loader = MigrationLoader(connection)
    return not set(loader.applied_migrations) <= set(loader.disk_migrations)
