"""With Redis gone the sweeps do all of it; with several schedulers each sweep works once."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import override_settings
from django.utils import timezone

from apps.channels.models import Channel
from apps.common import bus
from apps.conversations.models import Conversation, Message
from apps.intake import operations as intake
from apps.square import operations as square
from apps.square.models import Person, Post
from socialdesk import scheduler
from socialdesk.scheduler.sweeps import SWEEPS, Sweep
from tests.practice import asked_on_square, reply, without_undo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis_is_gone() -> Iterator[None]:
    bus.connection.cache_clear()
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        yield
    bus.connection.cache_clear()
    bus.breaker = bus.Breaker()


def run_for(seconds: float, *sweeps: Sweep, schedulers: int = 1) -> None:
    stop = threading.Event()
    threads = [
        threading.Thread(target=scheduler.run, args=(stop, sweeps)) for _ in range(schedulers)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()


def wait_until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.usefixtures("redis_is_gone")
def test_without_redis_a_mention_still_walks_the_whole_way(channel: Channel, brand: Person) -> None:
    agent = without_undo()
    square.subscribe(
        person=brand,
        url=f"{channel.base_url.removesuffix('/square')}/hooks/{channel.pk}/",
        secret=channel.webhook_secret,
    )
    kim = square.join(handle="kim", name="Kim Lee", at=timezone.now())
    square.post(author=kim, text="@acme it drops", at=timezone.now())

    stop = threading.Event()
    sweeping = threading.Thread(target=scheduler.run, args=(stop, SWEEPS))
    sweeping.start()
    try:
        wait_until(Conversation.objects.filter(assignee=agent).exists)
        reply(Message.objects.get(), by=agent)
        wait_until(Post.objects.filter(author=brand).exists)
        wait_until(Message.objects.filter(state="sent").exists)
    finally:
        stop.set()
        sweeping.join()
    assert Conversation.objects.get().waiting_since is None


def test_a_doorbell_that_nobody_answers_is_not_waited_for(channel: Channel) -> None:
    agent = without_undo()
    message = reply(asked_on_square(channel), by=agent)
    Message.objects.filter(id=message.pk).update(not_before=timezone.now() - timedelta(seconds=10))
    [send] = [sweep for sweep in SWEEPS if sweep.name == "send"]
    send.run(timezone.now())
    message.refresh_from_db()
    assert message.state == "sent"


def test_three_schedulers_run_a_sweep_one_at_a_time() -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(_at: datetime) -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.1)
        inside.pop()

    run_for(1.5, Sweep("only one", 0.05, work), schedulers=3)
    assert len(most) > 3
    assert set(most) == {1}


def test_a_sweep_that_fails_is_run_again_and_holds_up_no_other() -> None:
    failures: list[int] = []
    good: list[int] = []

    def fails(_at: datetime) -> None:
        failures.append(1)
        if len(failures) == 1:
            raise OperationalError("the server closed the connection")
        if len(failures) == 2:
            raise RuntimeError("a defect")

    run_for(2, Sweep("fails", 0.1, fails), Sweep("good", 0.1, lambda _: good.append(1)))
    assert len(failures) > 2
    assert len(good) > 5


def test_a_scheduler_whose_connection_died_works_again_with_a_new_one() -> None:
    ran: list[int] = []

    def dies_once(_at: datetime) -> None:
        ran.append(1)
        if len(ran) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    run_for(2, Sweep("dies once", 0.1, dies_once))
    assert len(ran) > 2


def test_nothing_waits_means_nothing_is_rung() -> None:
    bus.connection().flushdb()
    assert intake.oldest_waiting() is None
    for sweep in SWEEPS:
        sweep.run(timezone.now())
    assert not bus.connection().keys("desk:ring:*")
