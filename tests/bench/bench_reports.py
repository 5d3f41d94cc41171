"""How fast figures are over 10,000,000 clocks of two years, and what it costs to keep their sums.

Each question is put as pages put it: first and next responses along every breakdown, resolutions,
volume, the heat map and the legs, all with their labels. The peer is one `percentile_cont` over
the same 90 days of one kind of clock, the exact way, in the same run. BENCH_CLOCKS makes it fewer.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, LiteralString

import pytest
from django.db import connection
from django.test import Client

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock
from apps.conversations.operations.receiving import receive
from apps.labels.models import Tag
from apps.reports import queries
from apps.reports.legs import legs
from apps.reports.models import Rollup
from apps.reports.periods import Period
from apps.reports.questions import By, Question
from apps.reports.recounting import count_everything, count_noted
from apps.reports.wallboard import channels_now, now, people_now
from tests.bench.bench_receiving import a_batch
from tests.people import a_channel, a_team, a_user

CLOCKS = int(os.environ.get("BENCH_CLOCKS", "10000000"))
MESSAGES = CLOCKS // 5
AGENTS, CHANNELS, TEAMS, TAGS = 50, 20, 5, 12
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
DAYS = 730
TIMES = 20


@pytest.mark.django_db(transaction=True)
def bench_reports() -> None:
    admin = _people()
    told: dict[str, Any] = {"bench": "reports", "clocks": CLOCKS, "messages": MESSAGES}
    told["fill_s"] = _seconds(_fill)
    told["recount_s"] = _seconds(count_everything)
    told["rollups"] = Rollup.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    told["now_ms"] = _measured(lambda: _now(admin))
    for days in (90, DAYS):
        question = Question(user=admin, period=Period.of_days(days, at=AT), at=AT)
        told[f"trends_{days}_days_ms"] = _measured(partial(_trends_anew, question))
    manager = User.objects.get(email="mona@acme.example")
    of_teams = Question(user=manager, period=Period.of_days(DAYS, at=AT), at=AT)
    told["trends_of_two_teams_ms"] = _measured(partial(_trends_anew, of_teams))
    told["page_90_days_ms"] = _measured(_page(admin))
    told["exact_peer_ms"] = round(1000 * _seconds(_percentile_cont), 1)
    told["keeping"] = _keeping()
    print(json.dumps(told))


def _people() -> User:
    teams = [a_team(f"Team {number}") for number in range(TEAMS)]
    for number in range(AGENTS):
        a_user(f"Agent{number:02} Bench", team=teams[number % TEAMS])
    for number in range(CHANNELS):
        a_channel(f"@brand{number}", team=teams[number % TEAMS])
    for number in range(TAGS):
        Tag.objects.create(name=f"Tag {number}", key=f"tag {number}")
    manager = a_user("Mona Bench", role="manager", team=teams[0])
    manager.teams.add(teams[1])
    return a_user("Ada Bench", role="admin", team=teams[0])


def _fill() -> None:
    known: dict[str, Any] = {
        "clocks": CLOCKS,
        "messages": MESSAGES,
        "channels": list(Channel.objects.order_by("id").values_list("id", flat=True)),
        "agents": list(
            User.objects.filter(role=User.Role.AGENT).order_by("id").values_list("id", flat=True)
        ),
        "tags": list(Tag.objects.order_by("id").values_list("id", flat=True)),
        "starts": AT - timedelta(days=DAYS),
        "step": timedelta(days=DAYS) / CLOCKS,
        "step_said": timedelta(days=DAYS) / MESSAGES,
        "teams": TEAMS,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (WAITS, TAGGED, SAID):
            cursor.execute(statement, known)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def _now(user: User) -> None:
    now(user=user, at=AT)
    people_now(user=user, at=AT)
    channels_now(user=user, at=AT)


def _trends(question: Question) -> None:
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


def _trends_anew(question: Question) -> None:
    """As another request: nothing is known of it yet."""
    _trends(replace(question))


def _page(user: User) -> Callable[[], None]:
    client = Client()
    client.force_login(user)
    period = Period.of_days(90, at=AT)

    def get() -> None:
        asked = {"first": period.first.isoformat(), "last": period.last.isoformat()}
        assert client.get("/dashboard/", asked).status_code == 200

    return get


def _percentile_cont() -> None:
    with connection.cursor() as cursor:
        cursor.execute(PEER, [AT - timedelta(days=90)])


def _keeping() -> dict[str, float]:
    """Receiving with its notes and the sweep's counting, beside receiving without either."""
    channels = list(Channel.objects.order_by("id")[:10])
    numbers = count(10_000_000_000)
    took: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * TIMES):
        is_kept = bool(turn % 2)
        _switch_notes(is_on=is_kept)
        batch = a_batch(channels, numbers, 500)
        took[is_kept].append(_seconds(partial(receive, batch, at=AT)))
    sweep = _seconds(count_noted)
    kept, bare = (statistics.median(took[is_kept]) for is_kept in (True, False))
    return {
        "batch_ms": round(1000 * kept, 1),
        "batch_without_ms": round(1000 * bare, 1),
        "notes_ratio": round(kept / bare, 3),
        "sweep_after_10000_messages_ms": round(1000 * sweep, 1),
        "with_sweep_ratio": round((sum(took[True]) + sweep) / sum(took[False]), 3),
    }


def _switch_notes(*, is_on: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTES)
        for table, name in cursor.fetchall():
            switch = "ENABLE" if is_on else "DISABLE"
            cursor.execute(f'ALTER TABLE {table} {switch} TRIGGER "{name}"')


def _measured(ask: Callable[[], None]) -> dict[str, float]:
    ask()
    took = sorted(1000 * _seconds(ask) for _ in range(TIMES))
    return {"p50": round(statistics.median(took), 1), "p95": round(took[int(0.95 * TIMES) - 1], 1)}


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Ids of conversations are below zero, so that those that receiving makes are others. Waits are
# log-normal with a median near nine minutes, in time order; each agent answers for the channels of
# their team. One in a thousand of the last month still runs.
WAITS: LiteralString = """
    INSERT INTO conversations_clock
        (conversation_id, channel_id, kind, contact, position, started_at, stopped_at, stop,
         credited_to_id, due_at, desk_seconds, surface, language, received_at, assigned_at,
         read_at, sent_at, paused_seconds)
    SELECT -1 - n, (%(channels)s::bigint[])[1 + n %% cardinality(%(channels)s)], kind, 1, 1, began,
           CASE WHEN NOT runs THEN began + took END,
           CASE WHEN runs THEN NULL WHEN kind = 'resolution' THEN 'resolved'
                WHEN n %% 25 = 0 THEN 'no_reply_needed' ELSE 'reply' END,
           CASE WHEN NOT runs AND kind <> 'resolution' AND n %% 25 <> 0
               THEN (%(agents)s::bigint[])[1 + (n %% %(teams)s + %(teams)s * (n / 7 %% 10))] END,
           began + interval '15 minutes',
           CASE WHEN NOT runs THEN extract(epoch FROM took) / 2 END,
           (ARRAY['mention', 'direct', 'comment'])[1 + n %% 3],
           (ARRAY['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', ''])[1 + n %% 8],
           CASE WHEN NOT runs THEN began + took * 0.02 END,
           CASE WHEN NOT runs THEN began + took * 0.3 END,
           CASE WHEN NOT runs THEN began + took * 0.5 END,
           CASE WHEN NOT runs AND kind <> 'resolution' AND n %% 25 <> 0
               THEN began + took * 0.95 END, 0
    FROM (
        SELECT n, %(starts)s::timestamptz + n * %(step)s::interval AS began,
               (ARRAY['first_response', 'next_response', 'resolution'])[1 + n / 20 %% 3] AS kind,
               exp(random_normal(6.3, 1.15)) * interval '1 second' AS took,
               n %% 1000 = 7 AND n > %(clocks)s * 0.96 AS runs
        FROM generate_series(0, %(clocks)s - 1) n
    ) wait
"""

TAGGED: LiteralString = """
    INSERT INTO conversations_conversationtag (conversation_id, tag_id)
    SELECT -1 - n, (%(tags)s::bigint[])[1 + n / 3 %% cardinality(%(tags)s)]
    FROM generate_series(0, %(clocks)s - 1, 3) n
"""

SAID: LiteralString = """
    INSERT INTO conversations_message
        (channel_id, thread_id, conversation_id, direction, origin, surface, external_id, text,
         url, language, posted_at, received_at, attempts, state, error, identity_id)
    SELECT (%(channels)s::bigint[])[1 + n %% cardinality(%(channels)s)], -1 - n / 4, -1 - n,
           CASE WHEN n / 20 %% 2 = 0 THEN 'inbound' ELSE 'outbound' END, 'network', 'mention',
           'x' || n, 'hello', '', 'en', %(starts)s::timestamptz + n * %(step_said)s::interval,
           %(starts)s::timestamptz + n * %(step_said)s::interval, 0,
           CASE WHEN n / 20 %% 2 = 1 THEN 'sent' END, '', n
    FROM generate_series(0, %(messages)s - 1) n
"""

PEER: LiteralString = """
    SELECT percentile_cont(array[.5, .9, .99]) WITHIN GROUP (ORDER BY customer_seconds)
    FROM conversations_clock
    WHERE kind = 'first_response' AND stop = 'reply' AND started_at >= %s
"""

NOTES: LiteralString = """
    SELECT tgrelid::regclass::text, tgname FROM pg_trigger
    WHERE tgname ~ 'clock_(began|changed|gone)|message_(came|counts_otherwise)'
"""
