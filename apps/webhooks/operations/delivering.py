"""Telling programs outside: claimed, sent outside any transaction, repeated until taken.

One process at a time works through what is due, in lanes: each lane calls one endpoint, so that
whoever answers slowly keeps nobody waiting but itself. Endpoints at fault may take only some of
the lanes.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Min, OuterRef
from django.utils import timezone

from apps.common import sets
from apps.common.doorbell import ring_after_commit
from apps.common.guarded import exchange_guarded
from apps.common.http import Answer, NoAnswer
from apps.ledger.models import Event, Outbox
from apps.ledger.recording import OUTBOX_TASK
from apps.webhooks.catalogue import TESTED
from apps.webhooks.guard import guard
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.operations.settling import settle
from apps.webhooks.signing import signed

LANES, LANES_FOR_THOSE_AT_FAULT = 16, 8
SIDE_BY_SIDE = 8
SPREAD_AT_ONCE = 1000
ROUND_SECONDS = 20.0
LOOK_SECONDS = 0.25
LEASE_BEYOND_TIMEOUT = timedelta(seconds=20)

Answers = list[Answer | NoAnswer]
Running = dict[Future[tuple[Answers, int]], list[Dispatch]]


def oldest_due(*, at: datetime) -> datetime | None:
    """Since when something that could be told has been waiting; None when nothing is."""
    first = Outbox.objects.order_by("event_id").values("event_id")[:1]
    happened = Event.objects.filter(id__in=first).values_list("at", flat=True).first()
    due = (
        Dispatch.objects.due(at=at)
        .filter(subscription__in=Subscription.objects.callable_at(at))
        .aggregate(since=Min("next_at"))["since"]
    )
    return min(filter(None, (happened, due)), default=None)


def deliver_due(*, seconds: float = ROUND_SECONDS) -> int:
    """Tell what is due until nothing is left, for `seconds` at most; returns the attempts made.

    Where another process is at it, that one finds all there is, and nothing is done here. When the
    time is over another takes its turn, while here the last answers are waited for.
    """
    running: Running = {}
    with ThreadPoolExecutor(LANES, thread_name_prefix="webhooks") as lanes:
        with _alone() as is_alone:
            if not is_alone:
                return 0
            attempts = _work_through(lanes, running, until=time.monotonic() + seconds)
        if running or oldest_due(at=timezone.now()) is not None:
            ring_after_commit(OUTBOX_TASK)
        while running:
            attempts += _settle_done(running)
    return attempts


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold a lock that a killed process loses with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), 0)", [OUTBOX_TASK])
        [taken] = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), 0)", [OUTBOX_TASK])


def _work_through(lanes: ThreadPoolExecutor, running: Running, *, until: float) -> int:
    attempts = 0
    while time.monotonic() < until:
        while spread(at=timezone.now()) == SPREAD_AT_ONCE:
            pass
        for batch in _claim_batches(list(running.values()), at=timezone.now()):
            running[lanes.submit(_exchange, batch, timezone.now())] = batch
        if not running:
            break
        attempts += _settle_done(running)
    return attempts


def _settle_done(running: Running) -> int:
    """Write down what came back within a moment; returns how many attempts that were."""
    attempts = 0
    done, _ = wait(running, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
    for future in done:
        batch = running.pop(future)
        answers, milliseconds = future.result()
        settle(batch, answers, milliseconds=milliseconds, at=timezone.now())
        attempts += len(batch)
    return attempts


def _exchange(batch: Sequence[Dispatch], at: datetime) -> tuple[Answers, int]:
    began = time.monotonic()
    calls = [signed(dispatch, at=at) for dispatch in batch]
    answers = exchange_guarded(calls, seconds=settings.WEBHOOK_TIMEOUT, guard=guard())
    return answers, round(1000 * (time.monotonic() - began))


def spread(*, at: datetime) -> int:
    """Make of each event in the outbox a dispatch for everyone it concerns; returns the events.

    In one statement: an event has left the outbox if, and only if, its dispatches are there.
    """
    return len(
        sets.execute(
            """
            WITH taken AS (
                DELETE FROM ledger_outbox WHERE event_id IN (
                    SELECT event_id FROM ledger_outbox ORDER BY event_id
                    LIMIT %b::bigint FOR UPDATE SKIP LOCKED
                )
                RETURNING event_id
            ), told AS (
                INSERT INTO webhooks_dispatch
                    (subscription_id, event_id, state, attempts, next_at, created_at, history)
                SELECT subscription.id, event.id, 'waiting', 0, %b::timestamptz, %b::timestamptz,
                       '[]'
                FROM taken
                JOIN ledger_event event ON event.id = taken.event_id
                JOIN webhooks_subscription subscription ON subscription.is_on AND (
                    event.kind = ANY(subscription.kinds)
                    OR event.kind = %b::text AND event.data ->> 'webhook' = subscription.id::text
                )
                WHERE event.kind = %b::text
                   OR NOT EXISTS (SELECT FROM webhooks_subscription_teams chosen
                                  WHERE chosen.subscription_id = subscription.id)
                   OR EXISTS (SELECT FROM webhooks_subscription_teams chosen
                              WHERE chosen.subscription_id = subscription.id
                                AND chosen.team_id = event.team_id)
                ORDER BY event.id
                ON CONFLICT DO NOTHING
            )
            SELECT event_id FROM taken
            """,
            SPREAD_AT_ONCE,
            at,
            at,
            TESTED,
            TESTED,
        )
    )


def _claim_batches(
    running: Sequence[Sequence[Dispatch]], *, at: datetime
) -> Iterator[list[Dispatch]]:
    """Claim for as many endpoints as have a free lane, a few tellings each; sound ones first."""
    busy = {batch[0].subscription_id for batch in running}
    free = LANES - len(running)
    free_at_fault = LANES_FOR_THOSE_AT_FAULT - sum(
        batch[0].subscription.rests_until is not None for batch in running
    )
    waiting = Dispatch.objects.due(at=at).filter(subscription=OuterRef("id")).values("id")
    ready = Subscription.objects.callable_at(at).filter(Exists(waiting)).exclude(id__in=busy)
    for subscription in ready.order_by(F("rests_until").asc(nulls_first=True), "id"):
        is_at_fault = subscription.rests_until is not None
        if free <= 0 or (is_at_fault and free_at_fault <= 0):
            continue
        if batch := _claim(subscription, most=1 if is_at_fault else SIDE_BY_SIDE, at=at):
            free -= 1
            free_at_fault -= is_at_fault
            yield batch


@transaction.atomic
def _claim(subscription: Subscription, *, most: int, at: datetime) -> list[Dispatch]:
    """Take due tellings for the length of a lease; a worker that dies loses only that time."""
    batch = list(
        Dispatch.objects.due(at=at)
        .filter(subscription=subscription)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("event")[:most]
    )
    lease = timedelta(seconds=settings.WEBHOOK_TIMEOUT) + LEASE_BEYOND_TIMEOUT
    Dispatch.objects.filter(id__in=[one.pk for one in batch]).update(next_at=at + lease)
    for one in batch:
        one.subscription = subscription
    return batch
