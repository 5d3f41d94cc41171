"""Limits: counted in Redis, by each process for itself while Redis is away; never in the way."""

from collections.abc import Iterator

import pytest
import redis
from django.test import Client, override_settings
from django.urls import reverse

from apps.common import bus, rates
from apps.common.rates import Rate, ask
from tests import people

TEN = Rate(10, 60)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["there", "away"])
def redis_is(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Redis as it is, or at an address where nobody listens."""
    bus.connection().flushdb()
    rates.forget()
    if request.param == "away":
        gone = redis.Redis.from_url(NOWHERE, socket_connect_timeout=0.1, retry=None)
        monkeypatch.setattr(bus, "connection", lambda: gone)
    rates._script.cache_clear()
    bus.breaker = bus.Breaker()
    yield request.param
    rates._script.cache_clear()
    bus.breaker = bus.Breaker()


def test_so_many_pass_and_no_more(redis_is: str) -> None:
    verdicts = [ask("kim", TEN) for _ in range(11)]
    assert [one.is_allowed for one in verdicts] == [True] * 10 + [False]
    assert [one.left for one in verdicts[:3]] == [9, 8, 7]
    assert 0 < verdicts[-1].wait <= 6
    assert ask("lou", TEN, cost=10).left == 0
    assert not ask("lou", TEN).is_allowed
    assert bus.breaker.is_open() == (redis_is == "away")


def test_a_flushed_redis_counts_anew() -> None:
    assert not [ask("flushed", TEN) for _ in range(11)][-1].is_allowed
    bus.connection().flushall()
    assert ask("flushed", TEN).left == 9


def test_a_rate_is_read_or_refused() -> None:
    assert Rate.parse("600/min") == Rate(600, 60)
    for wrong in ("600", "0/min", "-1/s", "600/week"):
        with pytest.raises(ValueError, match="as in 600/min"):
            Rate.parse(wrong)


@pytest.mark.django_db
def test_nobody_guesses_passwords_for_long(redis_is: str) -> None:
    people.ana()
    address = reverse("account_login")
    guess = {"login": "ana@acme.example", "password": "a wrong guess"}
    for _ in range(5):
        assert "Too many failed" not in Client().post(address, guess).text
    right = guess | {"password": people.PASSWORD}
    assert "Too many failed" in Client().post(address, right).text
    strangers = [Client().post(address, {**guess, "login": f"{n}@x.example"}) for n in range(30)]
    assert strangers[-1].status_code == 429


@pytest.mark.django_db
def test_tokens_and_strangers_deliveries_are_limited(redis_is: str) -> None:
    with override_settings(TOKEN_RATE="2/h", STRANGER_RATE="2/h"):
        asked = [Client().post("/api/token", {}) for _ in range(3)]
        handed = [Client().post("/hooks/999/", b"{}", "application/json") for _ in range(3)]
    assert [one.status_code for one in handed] == [404, 404, 429]
    for last in (asked[-1], handed[-1]):
        assert last.status_code == 429
        assert last["content-type"] == "application/problem+json"
        assert 0 < int(last["retry-after"]) <= 1800
