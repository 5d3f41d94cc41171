"""The tests' own web server lets no request outlive its test."""

import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from tests.gate import Gate


def _ask(gate: Gate) -> str:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    said: list[str] = []

    def start_response(status: str, *_: Any) -> Any:
        said.append(status)

    gate(environ, start_response)
    return said[0]


def _greeting(_: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


def test_a_request_that_comes_after_the_test_reaches_nothing() -> None:
    gate = Gate(_greeting)
    gate.open()
    assert _ask(gate) == "200 OK"
    gate.shut()
    assert _ask(gate) == "503 Service Unavailable"


def test_the_end_of_a_test_waits_for_a_request_that_is_under_way() -> None:
    may_answer, arrived = threading.Event(), threading.Event()

    def slow(environ: Any, start_response: Any) -> Iterable[bytes]:
        arrived.set()
        may_answer.wait(10)
        return _greeting(environ, start_response)

    gate = Gate(slow)
    gate.open()
    asking = threading.Thread(target=_ask, args=[gate])
    shutting = threading.Thread(target=gate.shut)
    asking.start()
    assert arrived.wait(10)
    shutting.start()
    shutting.join(0.2)
    assert shutting.is_alive()
    may_answer.set()
    shutting.join(10)
    assert not shutting.is_alive()
    asking.join(10)


@pytest.mark.parametrize("_time", [1, 2])
def test_each_test_finds_the_server_open(live_server: LiveServer, _time: int) -> None:
    assert requests.get(f"{live_server.url}/healthz", timeout=5).status_code == 200
