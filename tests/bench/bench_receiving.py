"""How fast mentions are received, beside what PostgreSQL takes to store their bare rows, and
beside the whole ingest as one SQL statement (`limits/02b`).

`receive` does everything a mention brings: known messages dropped, customers, threads,
conversations, clocks, assignment among 50 agents, events, and outbox rows for a program outside
that wants to hear of each message. The peer inserts the same messages with one statement a batch
and nothing else; both run in turn. The limit runs right after, with a
database of its own, so that the ratios hold on any machine.
"""

import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count, islice
from typing import Any

import pytest
from django.db import connection, connections

from apps.channels.connector import InboundMessage
from apps.channels.models import Channel
from apps.common import bus, sets
from apps.conversations.operations.receiving import Arrival, receive
from apps.webhooks.operations.subscribing import subscribe
from tests.bench.limits import limit
from tests.people import NOON, a_channel, a_team, a_user

Batch = Sequence[Arrival]

CHANNELS, AGENTS = 10, 50
WARM_UP, ROUNDS, SINGLES = 10, 20, 200
OPEN = 1000


@pytest.mark.django_db(transaction=True)
def bench_receiving() -> None:
    for number in range(AGENTS):
        a_user(f"Agent{number} Bench", team=a_team(), capacity=500)
    channels = [a_channel(f"@brand{number}") for number in range(CHANNELS)]
    _have_a_program_told()
    numbers = count(CHANNELS)
    with connection.cursor() as cursor:
        cursor.execute(BARE_TABLE)
    for _ in range(WARM_UP):
        _receive(a_batch(channels, numbers, 500))
    _resolve_all_but_the_newest()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the limit does when it is warm

    told: dict[str, Any] = {"bench": "receiving", "agents": AGENTS, "channels": CHANNELS}
    for size, rounds in ((500, ROUNDS), (20, SINGLES // 2), (1, SINGLES)):
        told[f"batch_{size}"] = _beside_bare_rows(channels, numbers, size, rounds)
    told["two_writers_mentions_per_second"] = _two_writers(channels, next(numbers))
    if best := limit("02b_ingest_onestmt"):
        told["beside_02b"] = _beside(best, told)
    print(json.dumps(told))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bare")


def _have_a_program_told() -> None:
    subscribe(
        name="Bench",
        url="https://programs.example/desk",
        kinds=["received"],
        teams=[],
        by=a_user("Ada Bench", role="admin"),
        at=NOON,
    )


def _beside_bare_rows(
    channels: Sequence[Channel], numbers: "count[int]", size: int, rounds: int
) -> dict[str, float]:
    seconds: dict[str, list[float]] = {"receive": [], "bare": []}
    for _ in range(rounds):
        batch = a_batch(channels, numbers, size)
        _resolve_all_but_the_newest()
        seconds["bare"].append(_seconds(_insert_bare, batch))
        seconds["receive"].append(_seconds(_receive, batch))
    receives, bare = (statistics.median(seconds[name]) for name in ("receive", "bare"))
    return {
        "receive_ms": round(1000 * receives, 2),
        "bare_ms": round(1000 * bare, 2),
        "ratio": round(receives / bare, 1),
        "mentions_per_second": round(size / receives),
    }


def _resolve_all_but_the_newest() -> None:
    """Agents at work have some twenty open conversations each, whatever they ever had."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_conversation SET state = 'resolved' WHERE state = 'open'"
            " AND id <= (SELECT max(id) - %s FROM conversations_conversation)",
            [OPEN],
        )


def _two_writers(channels: Sequence[Channel], first: int) -> int:
    """Two processes, each with channels of its own and the same agents to give work to."""
    connections.close_all()
    forks = multiprocessing.get_context("fork")
    parts = (channels[: CHANNELS // 2], channels[CHANNELS // 2 :])
    writers = [
        forks.Process(target=_write, args=(part, first + place * 1_000_000))
        for place, part in enumerate(parts)
    ]
    began = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    return round(2 * ROUNDS * 500 / (time.perf_counter() - began))


def _write(channels: Sequence[Channel], first: int) -> None:
    bus.connection.cache_clear()
    numbers = count(first)
    for _ in range(ROUNDS):
        _receive(a_batch(channels, numbers, 500))


def _beside(best: dict[str, Any], told: dict[str, Any]) -> dict[str, float]:
    """Wanted: at least 0.4 of its mentions a second at 500, at most 4 times its time for one."""
    single = best["txn_ms_batch1"]["p50"]
    return {
        "mentions_per_second_there": best["rows_s_on"],
        "of_its_mentions_per_second": round(
            told["batch_500"]["mentions_per_second"] / best["rows_s_on"], 2
        ),
        "two_writers_there": best["rows_s_on_2writers_lock"],
        "one_there_ms": single,
        "times_its_time_for_one": round(told["batch_1"]["receive_ms"] / single, 1),
    }


BARE_TABLE = """
    CREATE TABLE bare (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, channel_id bigint NOT NULL,
        external_id text NOT NULL, author text NOT NULL, text text NOT NULL,
        posted_at timestamptz NOT NULL, UNIQUE (channel_id, external_id))
"""


def a_batch(channels: Sequence[Channel], numbers: "count[int]", size: int) -> Batch:
    return [_arrival(channels[number % len(channels)], number) for number in islice(numbers, size)]


def _arrival(channel: Channel, number: int) -> Arrival:
    """Two in five are the author's second message, under their first."""
    continues = number // CHANNELS % 5 in {1, 3}
    first = number - CHANNELS if continues else number
    message = InboundMessage(
        external_id=str(number),
        author_id=f"u{first}",
        author_handle=f"@u{first}",
        author_name=f"Customer {first}",
        text=f"my router drops every evening since the update, this is number {number} " * 2,
        posted_at=NOON + timedelta(milliseconds=number),
        parent_id=str(first) if continues else None,
    )
    return Arrival(channel, message)


def _receive(batch: Batch) -> None:
    receive(batch, at=NOON)


def _insert_bare(batch: Batch) -> None:
    sets.execute(
        "INSERT INTO bare (channel_id, external_id, author, text, posted_at)"
        " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])"
        " ON CONFLICT DO NOTHING",
        [arrival.channel.pk for arrival in batch],
        [arrival.message.external_id for arrival in batch],
        [arrival.message.author_id for arrival in batch],
        [arrival.message.text for arrival in batch],
        [arrival.message.posted_at for arrival in batch],
    )


def _seconds(work: Callable[[Batch], None], batch: Batch) -> float:
    began = time.perf_counter()
    work(batch)
    return time.perf_counter() - began
