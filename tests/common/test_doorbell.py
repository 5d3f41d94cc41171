"""The doorbell's button: who presses it never waits, and no press is lost."""

import json
import socket
import time

import pytest
from django.db import transaction
from django.test import override_settings

from apps.common import bus
from apps.common.doorbell import Doorbell, ring_after_commit


@pytest.fixture(autouse=True)
def _fresh_bus() -> None:
    bus.breaker = bus.Breaker()


def _rung(task: str, *, seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while not bus.connection().exists(f"desk:ring:{task}"):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.django_db(transaction=True)
def test_it_rings_after_commit_and_not_before() -> None:
    bus.answer("tests.after_commit")
    with transaction.atomic():
        ring_after_commit("tests.after_commit")
        assert not _rung("tests.after_commit", seconds=0.2)
    assert _rung("tests.after_commit")


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_rings_nothing() -> None:
    bus.answer("tests.rolled_back")
    with transaction.atomic():
        ring_after_commit("tests.rolled_back")
        transaction.set_rollback(True)
    assert not _rung("tests.rolled_back", seconds=0.2)


@pytest.mark.django_db(transaction=True)
def test_each_press_after_an_answer_rings_again() -> None:
    for _ in range(20):
        bus.answer("tests.again")
        ring_after_commit("tests.again")
        assert _rung("tests.again")


def test_what_a_process_took_last_is_done_before_it_ends() -> None:
    bus.answer("tests.last")
    doorbell = Doorbell()
    with bus.connection().pubsub() as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(bus.NUDGE_CHANNEL)
        assert ear.get_message(timeout=5)["type"] == "subscribe"
        doorbell.take([{"kind": "changed", "team": 1}, {"kind": "changed", "team": 2}])
        doorbell.take("tests.last")
        doorbell.finish()
        told = [json.loads(ear.get_message(timeout=5)["data"])["team"] for _ in range(2)]
    assert told == [1, 2]
    assert _rung("tests.last", seconds=0)


@pytest.mark.django_db(transaction=True)
def test_who_presses_does_not_wait_for_a_redis_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bus, "TIMEOUT_SECONDS", 2)  # so that a busy machine can't be taken for it
    bus.connection.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls, and never answers
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with override_settings(REDIS_URL=address):
            began = time.perf_counter()
            ring_after_commit("tests.gone")
            assert time.perf_counter() - began < 1
            until = time.monotonic() + 20
            while not bus.breaker.is_open() and time.monotonic() < until:
                time.sleep(0.01)
            assert bus.breaker.is_open()
    bus.connection.cache_clear()
