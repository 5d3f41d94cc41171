"""kill -9 of everything in turn, while customers write and agents answer."""

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from socialdesk.servers import delete_data
from tests.faults.driving import Agent, Customers
from tests.preparing import prepared
from tests.servers_and_supervisor.desk import Desk
from tests.servers_and_supervisor.running import Up, up

pytestmark = pytest.mark.alone

MENTIONS = 300
WRITERS = 3
SETTLED_SECONDS = 120
UNSETTLED: list[tuple[str, LiteralString, LiteralString]] = [
    ("undrained", "intake_delivery", "drained_at IS NULL"),
    ("notices", "square_notice", "delivered_at IS NULL"),
    ("set aside", "intake_setaside", "settled_at IS NULL"),
    (
        "replies",
        "conversations_message",
        "state IN ('queued', 'in_flight', 'retry', 'unknown', 'needs_author')",
    ),
    ("waiting", "conversations_conversation", "waiting_since IS NOT NULL"),
    (
        "unassigned",
        "conversations_conversation",
        "waiting_since > '-infinity' AND assignee_id IS NULL",
    ),
]


def test_every_mention_is_stored_once_and_every_reply_posted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    monkeypatch.setenv("DESK_HOME", str(tmp_path))
    try:
        with up(desk) as running:
            _survives(desk, running)
    finally:
        delete_data()


def _survives(desk: Desk, running: Up) -> None:
    told = prepared(desk, "ana=500", "ben=500", "chi=500", "--undo=0")
    address = f"http://127.0.0.1:{running.port}"
    stop = threading.Event()
    customers = Customers(f"{address}/square", MENTIONS // WRITERS, pause=0.15)
    agents = [
        Agent(address, email, told["password"], told["database"], stop) for email in told["emails"]
    ]
    writers = [threading.Thread(target=customers.work, args=(n,)) for n in range(WRITERS)]
    answerers = [threading.Thread(target=agent.work) for agent in agents]
    for thread in writers + answerers:
        thread.start()
    try:
        _kill_in_turn(desk, running)
        last_kill = time.monotonic()
        for thread in writers:
            thread.join(SETTLED_SECONDS)
        _settle(running, told["database"], until=last_kill + SETTLED_SECONDS)
    finally:
        stop.set()
        for thread in answerers:
            thread.join()
    _settle(running, told["database"], until=last_kill + SETTLED_SECONDS)
    _compare(told["database"], customers, agents)


def _kill_in_turn(desk: Desk, running: Up) -> None:
    """The whole process group of a part dies, so that no child can finish its work."""
    for name in ("worker", "web", "valkey", "postgres", "worker", "scheduler"):
        time.sleep(4)
        if name in {"valkey", "postgres"}:
            os.kill(desk.pid(name), signal.SIGKILL)
        else:
            part = running.part(name)
            for process in [*part.children(recursive=True), part]:
                process.kill()


def _settle(running: Up, database: str, *, until: float) -> None:
    while left := _unsettled(database):
        assert time.monotonic() < until, (left, running.lines[-60:])
        time.sleep(0.5)


def _unsettled(database: str) -> dict[str, int]:
    """What is not at its end yet, by name; a database that is away counts as unsettled."""
    left: dict[str, int] = {}
    try:
        with psycopg.connect(database, connect_timeout=2) as connection:
            for name, table, condition in UNSETTLED:
                query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
                    sql.Identifier(table), sql.SQL(condition)
                )
                row = connection.execute(query).fetchone()
                if row is not None and row[0]:
                    left[name] = row[0]
    except psycopg.Error as error:
        left[type(error).__name__] = 1
    return left


def _compare(database: str, customers: Customers, agents: list[Agent]) -> None:
    with psycopg.connect(database) as connection:
        stored = Counter(
            row[0]
            for row in connection.execute(
                "SELECT external_id FROM conversations_message WHERE direction = 'inbound'"
            )
        )
        posted = Counter(
            row[0]
            for row in connection.execute(
                "SELECT post.text FROM square_post post"
                " JOIN square_person author ON author.id = post.author_id WHERE author.is_brand"
            )
        )
        sent = connection.execute(
            "SELECT count(*) FROM conversations_message"
            " WHERE direction = 'outbound' AND origin = 'desk' AND state = 'sent'"
        ).fetchone()
    assert len(customers.written) == MENTIONS
    assert {post: stored[post] for post in customers.written} == dict.fromkeys(customers.written, 1)
    answered = set().union(*(agent.answered for agent in agents))
    tried = set().union(*(agent.tried for agent in agents))
    assert {text: posted[text] for text in answered} == dict.fromkeys(answered, 1)
    assert set(posted) <= tried
    assert set(posted.values()) == {1}
    assert sent == (len(posted),)
    assert len(posted) >= MENTIONS
