"""How fast figures are over 10,000,000 clocks of two years, and what it costs to keep their sums.

Each question is put as pages put it: first and next responses along every breakdown, resolutions,
volume, the heat map and the legs, all with their labels. The peer is one `percentile_cont` over
the same 90 days of one kind of clock, the exact way, in the same run. Beside the time that passed
stands the processor's, of the desk and of PostgreSQL without its parallel workers. BENCH_CLOCKS
makes it fewer.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, LiteralString

import psutil
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock
from apps.conversations.operations.receiving import receive
from apps.reports import queries
from apps.reports.choosing import EXACT_UP_TO
from apps.reports.legs import legs
from apps.reports.models import Rollup
from apps.reports.periods import Period
from apps.reports.questions import By, Question, Way
from apps.reports.recounting import RESTS, count_everything, count_noted, is_counted
from apps.reports.wallboard import channels_now, now, people_now
from tests.bench import filling_clocks
from tests.bench.bench_receiving import a_batch
from tests.bench.filling_clocks import ADMIN, AT, DAYS, MANAGER_OF_TWO, fill_clocks
from tests.bench.keeping import kept
from tests.people import NOON

CLOCKS = int(os.environ.get("BENCH_CLOCKS", "10000000"))
TIMES = 20

Told = dict[str, Any]


@pytest.mark.django_db(transaction=True)
def bench_reports() -> None:
    began = time.perf_counter()
    with kept(f"kept_clocks_{CLOCKS}_", filling_clocks, partial(fill_clocks, CLOCKS)):
        _tell("filling, or finding it filled", seconds=round(time.perf_counter() - began, 1))
        if not is_counted():
            _tell("counting everything", seconds=round(_seconds(_count), 1))
        _tell("rollups", number=Rollup.objects.count(), size=_size_of_rollups())
        told = [*_of_pages(), _peer(), *_keeping()]
    missed = [one["what"] for one in told if not one.get("holds", True)]
    print(json.dumps({"bench": "reports", "missed": missed}), flush=True)


def _count() -> None:
    count_everything(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _of_pages() -> list[Told]:
    admin, manager = (User.objects.get(email=email) for email in (ADMIN, MANAGER_OF_TWO))
    quarter, years = (Period.of_days(days, at=AT) for days in (90, DAYS))

    def question(period: Period, user: User = admin, **asked: Any) -> Question:
        return Question(user=user, period=period, at=AT, **asked)

    most = Period.of_days(int(EXACT_UP_TO * DAYS / CLOCKS), at=AT)
    return [
        _measured("now", partial(_now, admin), limit=100),
        _measured("trends of 90 days", partial(_trends, question(quarter)), limit=400),
        _measured("trends of two years", partial(_trends, question(years)), limit=800),
        _measured("trends of two teams", partial(_trends, question(years, manager)), limit=800),
        _measured("page of 90 days", _page(admin, quarter), limit=400),
        _measured("page of two years", _page(admin, years), limit=800),
        _measured(
            f"exactly, {most.days} days", partial(_trends, question(most, way=Way.EXACT)), times=3
        ),
        _measured(
            "two filters, two years",
            _page(admin, years, language="de", surface="mention"),
            times=3,
        ),
    ]


def _now(user: User) -> None:
    now(user=user, at=AT)
    people_now(user=user, at=AT)
    channels_now(user=user, at=AT)


def _trends(asked: Question) -> None:
    """As another request: nothing is known of it yet."""
    question = replace(asked, along=frozenset(By))
    for by in By:
        for kind in (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE):
            answer = queries.response_times(question, kind=kind, by=by)
            assert answer.lines or by is By.TAG
    queries.response_times(question, kind=Clock.Kind.RESOLUTION)
    queries.volume(question, by=By.HOUR_OF_WEEK)
    assert legs(question).count
    before = question.before()
    for kind in (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE):
        queries.response_times(before, kind=kind)


def _page(user: User, period: Period, **narrowed: str) -> Callable[[], None]:
    client = Client()
    client.force_login(user)
    days = {"first": period.first.isoformat(), "last": period.last.isoformat()}

    def get() -> None:
        assert client.get("/dashboard/", days | narrowed).status_code == 200

    return get


def _peer() -> Told:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(PEER, [AT - timedelta(days=90)])

    return _measured("peer: one kind exactly, 90 days", ask, times=3)


def _keeping() -> list[Told]:
    """Receiving with its notes, and the sweep's counting, beside receiving without either.

    The sweep counts every ten seconds, or rests longer where it takes long: so much of the time is
    its part. All of it is taken back, so that the desk stays what it was.
    """
    took: dict[bool, list[float]] = {True: [], False: []}
    with transaction.atomic():
        channels = list(Channel.objects.order_by("id")[:10])
        numbers = count((AT - timedelta(minutes=30) - NOON) // timedelta(milliseconds=1))
        for turn in range(2 * TIMES):
            is_kept = bool(turn % 2)
            _switch_notes(is_on=is_kept)
            batch = a_batch(channels, numbers, 500)
            took[is_kept].append(_seconds(partial(receive, batch, at=AT)))
        sweep = _seconds(partial(count_noted, at=AT))
        transaction.set_rollback(True)
    kept_ms, bare_ms = (round(1000 * statistics.median(took[one]), 1) for one in (True, False))
    with_sweep = kept_ms / bare_ms + sweep / max(10, RESTS * sweep)
    return [
        _tell("a batch of 500 with notes, and without", ms=kept_ms, without_ms=bare_ms),
        _tell("the sweep after 10,000 messages", ms=round(1000 * sweep, 1)),
        _judged("receiving with notes and sweep", ratio=round(with_sweep, 3), limit=1.1),
    ]


def _switch_notes(*, is_on: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is to be checked yet bars a switch
        cursor.execute(NOTES)
        for table, name in cursor.fetchall():
            switch = "ENABLE" if is_on else "DISABLE"
            cursor.execute(f'ALTER TABLE {table} {switch} TRIGGER "{name}"')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _measured(
    what: str, ask: Callable[[], None], *, limit: float | None = None, times: int = TIMES
) -> Told:
    with CaptureQueriesContext(connection) as captured:
        ask()
    statements = len(captured)
    assert connection.connection is not None
    server = psutil.Process(connection.connection.info.backend_pid)
    desk_before, server_before = time.process_time(), sum(server.cpu_times()[:2])
    took = sorted(1000 * _seconds(ask) for _ in range(times))
    figures = {
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[int(0.95 * times) - 1], 1),
        "desk_cpu_ms": round(1000 * (time.process_time() - desk_before) / times, 1),
        "postgres_cpu_ms": round(1000 * (sum(server.cpu_times()[:2]) - server_before) / times, 1),
        "statements": statements,
    }
    if limit is None:
        return _tell(what, **figures)
    return _tell(what, **figures, limit_ms=limit, holds=figures["p95_ms"] <= limit)


def _judged(what: str, *, ratio: float, limit: float) -> Told:
    return _tell(what, ratio=ratio, limit=limit, holds=ratio <= limit)


def _size_of_rollups() -> str:
    with connection.cursor() as cursor:
        cursor.execute(SIZE)
        return str(cursor.fetchone()[0])


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _tell(what: str, **figures: Any) -> Told:
    told = {"bench": "reports", "clocks": CLOCKS, "what": what, **figures}
    print(json.dumps(told), flush=True)
    return told


PEER: LiteralString = """
    SELECT percentile_cont(array[.5, .9, .99]) WITHIN GROUP (ORDER BY customer_seconds)
    FROM conversations_clock
    WHERE kind = 'first_response' AND stop = 'reply' AND started_at >= %s
"""

NOTES: LiteralString = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE tgname ~ 'clock_(began|changed|gone)|message_(came|counts_otherwise)'
"""

SIZE: LiteralString = "SELECT pg_size_pretty(pg_total_relation_size('reports_rollup'))"
