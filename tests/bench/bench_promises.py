"""What promises cost: their share of receiving, and finding what fell due among 100,000 clocks."""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.db import connection, transaction

from apps.channels.models import Channel
from apps.conversations.models import Notification
from apps.conversations.operations.notifying import tell_of_waits
from apps.conversations.operations.receiving import Arrival, receive
from apps.sla.models import BusinessHours, PolicyVersion
from apps.sla.operations import save_business_hours, save_policy
from tests.bench.bench_receiving import AGENTS, CHANNELS, Batch, a_batch
from tests.people import NOON, a_channel, a_team, a_user

ROUNDS = {500: 15, 20: 40, 1: 80}
RUNNING = 100_000
MOST_SHARE, MOST_SWEEP_MS = 0.25, 200
LONG_AGO = NOON - timedelta(days=30)


@pytest.mark.django_db(transaction=True)
def bench_share_of_receiving() -> None:
    """The same batch with and without policies in turn, each rolled back: nothing else differs.

    Both follow one other message: the policies have stood since before, and have been read.
    """
    channels = _a_desk()
    numbers = count(CHANNELS)
    receive(a_batch(channels, numbers, 500), at=NOON)
    shares = {}
    for size, rounds in ROUNDS.items():
        plain, promised = [], []
        for _ in range(rounds):
            first, batch = (a_batch(channels, numbers, each) for each in (1, size))
            plain.append(_seconds(batch, after=first, prepare=lambda: None))
            promised.append(_seconds(batch, after=first, prepare=lambda: _promise(channels)))
        before, after = statistics.median(plain), statistics.median(promised)
        shares[f"batch_{size}"] = {
            "without_ms": round(1000 * before, 2),
            "with_ms": round(1000 * after, 2),
            "share": round(after / before - 1, 3),
        }
    print(json.dumps({"bench": "promises", "policies": CHANNELS + 1, **shares}))
    assert max(found["share"] for found in shares.values()) <= MOST_SHARE


@pytest.mark.django_db(transaction=True)
def bench_sweep_over_running_clocks() -> None:
    """The sweep that warns, over running clocks most of which are not due yet.

    Once where nothing is new, as nearly always; once where an outage left one in a hundred to tell;
    and then every minute one falls due.
    """
    team = a_team()
    for name in ("Mia Lindt", "Max Second"):
        a_user(name, role="manager", team=team)
    _fill(a_channel(team=team))
    after_outage_ms = _sweep_ms(at=NOON)
    idle_ms = statistics.median(_sweep_ms(at=NOON) for _ in range(7))
    busy_ms = statistics.median(
        _sweep_ms(at=NOON + timedelta(minutes=minute)) for minute in range(1, 22)
    )
    told = {
        "bench": "sweep",
        "running": RUNNING,
        "notifications": Notification.objects.count(),
        "after_outage_ms": round(after_outage_ms, 2),
        "idle_ms": round(idle_ms, 2),
        "busy_ms": round(busy_ms, 2),
    }
    print(json.dumps(told))
    assert max(idle_ms, busy_ms) <= MOST_SWEEP_MS


def _sweep_ms(*, at: datetime) -> float:
    began = time.perf_counter()
    tell_of_waits(at=at)
    return 1000 * (time.perf_counter() - began)


def _a_desk() -> Sequence[Channel]:
    for number in range(AGENTS):
        a_user(f"Agent{number} Bench", team=a_team(), capacity=500)
    return [a_channel(f"@brand{number}") for number in range(CHANNELS)]


def _promise(channels: Sequence[Channel]) -> None:
    """A policy a channel and one for the rest, by hours with a lunch break and holidays."""
    office = {day: [["09:00", "12:30"], ["13:15", "18:00"]] for day in ("mon", "tue", "wed")}
    definition = {"zone": "Europe/Berlin", "week": office, "country": "DE", "subdivision": "BE"}
    save_business_hours(name="Office", definition=definition, by=None, at=LONG_AGO)
    for channel in (*channels, None):
        said = PolicyVersion(
            name=f"Promise {channel}",
            channel=channel,
            first_response_minutes=15,
            next_response_minutes=30,
            resolution_minutes=480,
            business_hours=BusinessHours.objects.get(),
        )
        save_policy(said=said, by=None, at=LONG_AGO)


def _seconds(batch: Batch, *, after: Batch, prepare: Callable[[], None]) -> float:
    with transaction.atomic():
        prepare()
        receive(_afresh(after), at=NOON)
        arrivals = _afresh(batch)
        began = time.perf_counter()
        receive(arrivals, at=NOON)
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return took


def _afresh(batch: Batch) -> list[Arrival]:
    return [Arrival(arrival.channel, arrival.message) for arrival in batch]


def _fill(channel: Channel) -> None:
    """As many conversations that wait, one in a hundred past due; beside them as many answered."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"channel": channel.pk, "n": RUNNING, "noon": NOON})
        cursor.execute("ANALYZE conversations_clock")


FILL = """
    WITH number AS (SELECT generate_series(1, %(n)s) AS n),
    customer AS (
        INSERT INTO customers_customer (name, first_seen_at)
        VALUES ('', %(noon)s) RETURNING id),
    identity AS (
        INSERT INTO customers_identity (customer_id, network, external_id, handle, name, named_at)
        SELECT id, 'square', 'bench', '@bench', 'Bench', %(noon)s FROM customer RETURNING id),
    thread AS (
        INSERT INTO conversations_thread (channel_id, thread_key)
        SELECT %(channel)s, 'bench-' || n FROM number RETURNING id),
    conversation AS (
        INSERT INTO conversations_conversation
            (channel_id, thread_id, identity_id, last_message_at, state, contact,
             assigned_by_person, assigned_because, weight)
        SELECT %(channel)s, thread.id, identity.id, %(noon)s, 'open', 1, false, '', 1
        FROM thread, identity RETURNING id)
    INSERT INTO conversations_clock
        (conversation_id, channel_id, kind, contact, position, started_at, due_at, tell_at,
         stopped_at, stop, desk_seconds)
    SELECT id, %(channel)s, kind, 1, 1, %(noon)s, due_at,
           CASE kind WHEN 'next_response' THEN due_at END,
           CASE kind WHEN 'first_response' THEN %(noon)s + interval '1 minute' END,
           CASE kind WHEN 'first_response' THEN 'reply' END,
           CASE kind WHEN 'first_response' THEN 60 END
    FROM (
        SELECT conversation.id, kind,
               %(noon)s + (row_number() OVER () - %(n)s / 100) * interval '1 minute' AS due_at
        FROM conversation, (VALUES ('next_response'), ('first_response')) AS kinds(kind)
        ORDER BY kind DESC
    ) clock
"""
