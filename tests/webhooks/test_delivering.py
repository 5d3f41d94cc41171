"""Every event is told at least once to whom it concerns, whatever their endpoint does."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest
import time_machine
from django.test import override_settings
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from apps.agents.models import User
from apps.common import bus
from apps.conversations.models import Notification
from apps.ledger.models import Event, Outbox
from apps.ledger.recording import OUTBOX_TASK
from apps.webhooks.models import PAUSES, Dispatch, Subscription
from apps.webhooks.operations import delivering, forgetting, subscribing
from apps.webhooks.operations.delivering import deliver_due
from apps.webhooks.tasks import deliver
from socialdesk.scheduler.sweeps import SWEEPS
from tests import people
from tests.people import Kim
from tests.servers_and_supervisor.desk import CHECKOUT, wait_until
from tests.stub_network import Heard, StubNetwork, says, stub_network
from tests.webhooks.hearing import listening, messages, told

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def endpoint() -> Iterator[StubNetwork]:
    with stub_network() as network:
        yield network


def only() -> Dispatch:
    return Dispatch.objects.select_related("subscription").get()


def test_what_is_told_is_signed_and_holds_no_text(
    kim: Kim, ada: User, endpoint: StubNetwork
) -> None:
    crm = listening(endpoint, by=ada)
    message = kim.writes("my secret question", at=timezone.now())
    assert deliver_due() == 1
    [heard] = endpoint.heard
    event = Event.objects.get(kind="received")
    said = told(heard, crm.secret)
    assert said == {
        "type": "received",
        "timestamp": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "event_id": event.pk,
            "team_id": kim.channel.team_id,
            "channel_id": kim.channel.pk,
            "conversation_id": message.conversation_id,
            "customer_id": None,
            "message_id": message.pk,
            "user_id": None,
            "by_id": None,
            "opened": True,
        },
    }
    assert b"secret" not in heard.body
    assert heard.headers["webhook-id"] == f"evt_{event.pk}_{crm.pk}"
    assert (heard.method, heard.path) == ("POST", "/hook")
    assert abs(int(heard.headers["webhook-timestamp"]) - time.time()) < 10
    one = only()
    assert (one.state, one.attempts, one.history[0]["status"]) == ("taken", 1, 204)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_b3RoZXI=").verify(heard.body, heard.headers)


def test_the_signature_is_the_one_that_standard_webhooks_give_as_an_example() -> None:
    signature = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
    )  # fmt: skip
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_while_one_is_replaced(kim: Kim, ada: User, endpoint: StubNetwork) -> None:
    crm = listening(endpoint, by=ada)
    old, now = crm.secret, timezone.now()
    subscribing.rotate(subscription=crm, by=ada, at=now)
    crm.refresh_from_db()
    assert crm.secret != old
    kim.writes(at=now)
    deliver_due()
    for secret in (old, crm.secret):
        assert told(endpoint.heard[0], secret)["type"] == "received"
    with time_machine.travel(now + DAY + timedelta(seconds=1)):
        kim.writes(at=now)
        deliver_due()
        assert told(endpoint.heard[1], crm.secret)
        with pytest.raises(WebhookVerificationError):
            told(endpoint.heard[1], old)


def test_an_endpoint_that_fails_is_tried_again_at_the_promised_pauses_and_then_switched_off(
    kim: Kim, ada: User
) -> None:
    now = timezone.now()
    with stub_network(says(503, b"we are not well \0")) as endpoint:
        crm = listening(endpoint, by=ada)
        kim.writes(at=now)
        with time_machine.travel(now, tick=False) as clock:
            assert deliver_due() == 1
            for pause in PAUSES:
                clock.shift(pause - timedelta(seconds=1))
                assert deliver_due() == 0
                clock.shift(1)
                assert deliver_due() == 1
            clock.shift(30 * DAY)
            assert deliver_due() == 0
        assert len(endpoint.heard) == 10
        assert len({heard.headers["webhook-id"] for heard in endpoint.heard}) == 1
        stamps = [int(heard.headers["webhook-timestamp"]) for heard in endpoint.heard]
        gaps = [after - before for before, after in pairwise(stamps)]
        hours = [2, 5, 10, 14, 20, 24]
        assert gaps == [5, 300, 1800, *(3600 * count for count in hours)]
    crm.refresh_from_db()
    assert (crm.is_on, crm.off_because) == (False, "All 10 attempts at an event failed.")
    assert only().state == "given_up"
    assert only().history[-1]["said"] == "we are not well \N{REPLACEMENT CHARACTER}"
    switched_off = Event.objects.get(kind="webhook_switched_off")
    assert switched_off.data["webhook"] == crm.pk
    told = Notification.objects.get()
    assert (told.recipient, told.about_id, told.about) == (ada, crm.pk, "CRM")
    assert told.why == crm.off_because


def test_an_endpoint_that_took_something_meanwhile_stays_on(kim: Kim, ada: User) -> None:
    now = timezone.now()
    with stub_network(says(500)) as endpoint:
        crm = listening(endpoint, by=ada)
        kim.writes(at=now)
        with time_machine.travel(now, tick=False) as clock:
            deliver_due()
            for pause in PAUSES[:-1]:
                clock.shift(pause)
                deliver_due()
            endpoint.answer = says(204, b"")
            kim.writes(at=now)
            deliver_due()
            endpoint.answer = says(500)
            clock.shift(PAUSES[-1])
            deliver_due()
    crm.refresh_from_db()
    assert crm.is_on
    assert sorted(Dispatch.objects.values_list("state", flat=True)) == ["given_up", "taken"]


def test_an_endpoint_that_is_gone_is_switched_off_at_once(kim: Kim, ada: User) -> None:
    with stub_network(says(410)) as endpoint:
        crm = listening(endpoint, by=ada)
        kim.writes(at=timezone.now())
        deliver_due()
        assert not Subscription.objects.get().is_on
        kim.writes(at=timezone.now())
        assert not Outbox.objects.exists()
        assert deliver_due() == 0
        assert only().state == "given_up"
        endpoint.answer = says(200)
        subscribing.switch_on(subscription=crm, by=ada, at=timezone.now())
        subscribing.redeliver(dispatch=only(), by=ada, at=timezone.now())
        assert deliver_due() == 1
    assert only().state == "taken"
    assert [attempt["status"] for attempt in only().history] == [410, 200]


def test_a_redirect_is_a_failure_and_not_followed(
    kim: Kim, ada: User, endpoint: StubNetwork
) -> None:
    with stub_network(says(307, location=f"{endpoint.url}/elsewhere")) as leads_away:
        listening(leads_away, by=ada)
        kim.writes(at=timezone.now())
        deliver_due()
    assert (only().state, only().history[0]["status"]) == ("waiting", 307)
    assert "not followed" in only().history[0]["said"]
    assert endpoint.heard == []


def test_retry_after_is_respected(kim: Kim, ada: User) -> None:
    with stub_network(says(429, retry_after="3600")) as endpoint:
        listening(endpoint, by=ada)
        now = timezone.now()
        kim.writes(at=now)
        deliver_due()
    left = only().next_at
    assert left is not None
    assert timedelta(minutes=59) < left - now < timedelta(minutes=61)


def test_of_an_endless_answer_only_the_beginning_is_read(
    kim: Kim, ada: User, impatient: None
) -> None:
    def endless(connection: BaseHTTPRequestHandler, _: Heard) -> None:
        connection.send_response(200)
        connection.end_headers()
        with suppress(OSError):
            for _chunk in range(1000):
                connection.wfile.write(b"x" * 100_000)

    with stub_network(endless) as endpoint:
        listening(endpoint, by=ada)
        kim.writes(at=timezone.now())
        deliver_due()
    assert only().state == "taken"
    assert len(only().history[0]["said"]) <= 300


@pytest.mark.django_db(transaction=True)
@override_settings(WEBHOOK_TIMEOUT=30)
def test_who_trickles_holds_up_nobody_else(kim: Kim, ada: User, endpoint: StubNetwork) -> None:
    over = threading.Event()

    def trickles(connection: BaseHTTPRequestHandler, _: Heard) -> None:
        connection.send_response(200)
        connection.send_header("content-length", "1000")
        connection.end_headers()
        while not over.wait(0.2):
            connection.wfile.write(b".")
            connection.wfile.flush()

    with stub_network(trickles) as slow:
        hanging = listening(slow, by=ada)
        crm = listening(endpoint, by=ada)
        for number in range(24):
            kim.writes(f"number {number}", at=timezone.now())
        working = threading.Thread(target=in_thread)
        working.start()
        try:
            assert wait_until(lambda: len(endpoint.heard) == 24, seconds=25)
            assert len(slow.heard) == 8, "it has its few, and they are still on"
            assert not hanging.dispatches.exclude(history=[]).exists()
        finally:
            over.set()
            working.join()
    assert set(messages(endpoint, crm.secret).values()) == {1}


@pytest.mark.usefixtures("impatient")
def test_who_does_not_answer_is_left_alone_and_then_asked_with_one_event_at_a_time(
    kim: Kim, ada: User
) -> None:
    over, now = threading.Event(), timezone.now()

    def hangs(_connection: BaseHTTPRequestHandler, _heard: Heard) -> None:
        over.wait(20)

    with stub_network(hangs) as endpoint:
        hanging = listening(endpoint, by=ada)
        for number in range(10):
            kim.writes(f"number {number}", at=now)
        assert deliver_due() == 8
        assert deliver_due() == 0
        first = hanging.dispatches.order_by("id")[0]
        assert first.history[0]["said"] == "No complete answer within 1 s."
        with time_machine.travel(now + timedelta(minutes=1)):
            assert deliver_due() == 1
            endpoint.answer = says(204, b"")
        with time_machine.travel(now + timedelta(minutes=3)):
            assert deliver_due() == 10
        over.set()
    assert not Dispatch.objects.exclude(state="taken").exists()


def in_thread() -> None:
    from django.db import connection

    try:
        deliver_due()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_processes_do_not_tell_the_same_twice(
    kim: Kim, ada: User, endpoint: StubNetwork
) -> None:
    crm = listening(endpoint, by=ada)
    for number in range(30):
        kim.writes(f"number {number}", at=timezone.now())
    workers = [threading.Thread(target=in_thread) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver_due()
    assert len(messages(endpoint, crm.secret)) == len(endpoint.heard) == 30


WORKER = """
import django
django.setup()
from apps.webhooks.operations.delivering import deliver_due
print("working", flush=True)
deliver_due()
"""


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_over_a_killed_worker_a_flushed_redis_and_a_receiver_that_restarts(
    kim: Kim, ada: User
) -> None:
    stuck = threading.Event()

    def late(connection: BaseHTTPRequestHandler, heard: Heard) -> None:
        stuck.wait(20)
        says(204, b"")(connection, heard)

    written = set()
    with stub_network(late) as endpoint:
        crm = listening(endpoint, by=ada)
        written |= {kim.writes(f"number {n}", at=timezone.now()).pk for n in range(20)}
        environment = os.environ | {"DATABASE_URL": _test_database()}
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE
        )
        assert wait_until(lambda: len(endpoint.heard) == 8, seconds=20)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        if worker.stdout:
            worker.stdout.close()
        bus.connection().flushdb()
        stuck.set()
    written |= {kim.writes(f"while away {n}", at=timezone.now()).pk for n in range(5)}
    assert deliver_due() > 0, "nobody listens now"
    with stub_network() as endpoint:
        Subscription.objects.update(url=f"{endpoint.url}/hook")
        [sweep] = [one for one in SWEEPS if one.name == "webhooks"]
        with time_machine.travel(timezone.now() + timedelta(minutes=5)):
            sweep.run(timezone.now())
            # The library takes no signature from five minutes ahead.
            assert set(messages(endpoint, crm.secret)) == written
    assert not Dispatch.objects.exclude(state="taken").exists()
    assert not Outbox.objects.exists()


def _test_database() -> str:
    from urllib.parse import urlsplit

    from django.db import connection

    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def test_the_task_tells_everything_that_is_due(kim: Kim, ada: User, endpoint: StubNetwork) -> None:
    people.ana()
    listening(endpoint, by=ada, kinds=["received", "assigned"])
    kim.writes(at=timezone.now())
    deliver()
    assert len(endpoint.heard) == 2
    assert delivering.oldest_due(at=timezone.now()) is None
    bus.connection().delete(f"desk:ring:{OUTBOX_TASK}")


def test_a_test_reaches_the_tested_alone_and_is_an_event(ada: User, endpoint: StubNetwork) -> None:
    crm = listening(endpoint, by=ada, kinds=["sent"])
    with stub_network() as other:
        listening(other, by=ada)
        subscribing.test(subscription=crm, by=ada, at=timezone.now())
        deliver_due()
        assert not other.heard
    [heard] = endpoint.heard
    assert told(heard, crm.secret)["type"] == "webhook_tested"
    assert Event.objects.get(kind="webhook_tested").by_id == ada.pk


def test_the_log_reaches_back_as_far_as_the_setting_says(
    kim: Kim, ada: User, endpoint: StubNetwork
) -> None:
    crm = listening(endpoint, by=ada)
    kim.writes(at=timezone.now())
    deliver_due()
    later = timezone.now() + 31 * DAY
    kim.writes(at=timezone.now())
    delivering.spread(at=timezone.now())
    assert forgetting.forget_old(at=timezone.now()) == 0
    assert forgetting.forget_old(at=later) == 1
    assert only().state == "waiting", "what is still tried is not forgotten"
    subscribing.switch_off(subscription=crm, by=ada, at=timezone.now())
    assert forgetting.forget_old(at=later) == 1
