"""Limits: counted in Redis, by each process for itself while Redis is away; never in the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler

import httpx
import pytest
import redis
from django.conf import settings
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from apps.common import bus, rates
from apps.common.addresses import address_of
from apps.common.cache import ForgivingRedisCache
from apps.common.rates import Rate, ask
from apps.intake import limits
from apps.intake.models import Delivery
from tests import people
from tests.intake.test_webhook import signed
from tests.people import a_channel
from tests.stub_network import Heard, says, stub_network

TEN = Rate(10, 60)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["there", "away"])
def redis_is(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Redis as it is, or at an address where nobody listens."""
    bus.connection().flushdb()
    rates.forget()
    limits.forget()
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


@pytest.mark.django_db
def test_a_channel_hands_in_so_many_and_what_is_refused_is_not_kept(redis_is: str) -> None:
    loud, quiet = a_channel("@loud"), a_channel("@quiet")

    def hand_in(channel_id: int, *, is_signed: bool = True) -> tuple[int, int]:
        headers = signed(b"{}") if is_signed else {}
        answer = Client().generic("POST", f"/hooks/{channel_id}/", b"{}", headers=headers)
        return answer.status_code, int(answer.headers.get("Retry-After", 0))

    with override_settings(HOOK_RATE="10/h"):
        strangers = {hand_in(loud.pk, is_signed=False)[0] for _ in range(20)}
        assert strangers == {401}, "whoever can't sign uses nothing up"
        assert [hand_in(loud.pk)[0] for _ in range(10)] == [202] * 10
        for _ in range(3):
            status, wait = hand_in(loud.pk)
            assert status == 429
            assert 0 < wait <= 360
        assert hand_in(quiet.pk)[0] == 202
    assert Delivery.objects.filter(channel=loud).count() == 10


def test_of_a_storm_hardly_more_is_taken_than_the_rate_says(redis_is: str) -> None:
    with override_settings(HOOK_RATE="1000/h"):
        taken = sum(limits.wait_of_channel(7) == 0.0 for _ in range(3000))
    assert 1000 <= taken <= 1010


def test_what_several_threads_hand_in_counts_once(redis_is: str) -> None:
    with override_settings(HOOK_RATE="1000/h"), ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: limits.wait_of_channel(8), range(1000)))
    assert waits == [0.0] * 1000


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of Redis for somebody whom it refuses every word."""
    there = bus.connection()
    there.acl_setuser("mute", enabled=True, nopass=True, commands=["+ping"])
    yield settings.REDIS_URL.replace("redis://", "redis://mute:x@")
    there.acl_deluser("mute")


def test_a_redis_that_refuses_every_word_stops_nobody(
    mute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = redis.Redis.from_url(mute)
    with pytest.raises(redis.ResponseError):
        refusing.get("x")
    monkeypatch.setattr(bus, "connection", lambda: refusing)
    monkeypatch.setattr(bus, "breaker", bus.Breaker())
    rates._script.cache_clear()
    rates.forget()
    verdicts = [ask("full", TEN) for _ in range(11)]
    rates._script.cache_clear()
    assert [one.is_allowed for one in verdicts] == [True] * 10 + [False]
    assert bus.breaker.is_open()
    cache = ForgivingRedisCache(mute, {})
    bus.breaker = bus.Breaker()
    cache.set("guesses", 3)
    assert cache.get("guesses") == 3


@pytest.mark.parametrize(
    ("proxies", "told", "counted"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6", "6.6.6.6"),
        (1, "1.1.1.1, 2.2.2.2,6.6.6.6", "6.6.6.6"),
        (2, "1.1.1.1, 6.6.6.6, 10.0.0.1", "6.6.6.6"),
        (2, "6.6.6.6", "127.0.0.1"),
        (1, "1.1.1.1, 6.6.6.6:4711", "6.6.6.6"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "::ffff:6.6.6.6", "6.6.6.6"),
        (1, "1.1.1.1, unknown", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_a_caller_is_who_the_outermost_proxy_of_our_own_saw(
    proxies: int, told: str, counted: str
) -> None:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": told})
    with override_settings(TRUSTED_PROXIES=proxies):
        assert address_of(request) == counted


@pytest.mark.django_db(transaction=True)
def test_what_callers_write_into_forwarded_for_lifts_and_shifts_no_limit(
    live_server: LiveServer,
) -> None:
    people.ana()
    bus.connection().flushdb()
    rates.forget()

    def forward(connection: BaseHTTPRequestHandler, heard: Heard) -> None:
        """As a proxy does: adds whom it saw to what it was told."""
        told = heard.headers.get("x-forwarded-for")
        seen = ", ".join(filter(None, [told, connection.client_address[0]]))
        kept = {"content-type", "cookie", "referer"} & heard.headers.keys()
        answer = httpx.request(
            heard.method,
            live_server.url + heard.path,
            headers={**{name: heard.headers[name] for name in kept}, "x-forwarded-for": seen},
            content=heard.body,
        )
        says(answer.status_code, b"")(connection, heard)

    def statuses(url: str, path: str, *, of: str, count: int) -> list[int]:
        """Ask so often from one address, each time as if from another."""
        with httpx.Client(transport=httpx.HTTPTransport(local_address=of)) as client:
            return [
                client.post(
                    url + path, data={}, headers={"x-forwarded-for": f"6.6.{count}.{n}"}
                ).status_code
                for n in range(count)
            ]

    with stub_network(forward) as proxy, override_settings(TRUSTED_PROXIES=1, TOKEN_RATE="3/h"):
        assert statuses(proxy.url, "/api/token", of="127.0.0.2", count=4)[-1] == 429
        others = statuses(proxy.url, "/api/token", of="127.0.0.3", count=3)
        assert 429 not in others, "whom it is not about, it does not touch"
    with override_settings(TRUSTED_PROXIES=0, TOKEN_RATE="3/h"):
        assert statuses(live_server.url, "/api/token", of="127.0.0.4", count=4)[-1] == 429


@pytest.mark.django_db
@override_settings(TRUSTED_PROXIES=1)
def test_guesses_are_counted_by_who_the_proxy_saw(redis_is: str) -> None:
    def guess(number: int, *, seen: str) -> int:
        said = {"login": f"{number}@x.example", "password": "a wrong guess"}
        told = f"6.6.6.{number}, {seen}"
        page = Client().post(reverse("account_login"), said, headers={"X-Forwarded-For": told})
        return page.status_code

    assert [guess(n, seen="9.9.9.9") for n in range(40)][-1] == 429
    assert guess(41, seen="8.8.8.8") == 200
