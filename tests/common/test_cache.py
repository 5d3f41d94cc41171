"""Signing in with Redis there, gone, and back."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client, override_settings

from apps.common import bus
from apps.common.cache import ForgivingRedisCache
from tests.people import PASSWORD, ana

GONE = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}


@pytest.fixture
def redis_is_gone() -> Iterator[None]:
    with override_settings(CACHES=GONE):
        yield
    bus.breaker = bus.Breaker()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    yield
    caches["default"].clear()


def _sign_in(password: str) -> int:
    return (
        Client()
        .post("/accounts/login/", {"login": "ana@acme.example", "password": password})
        .status_code
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_is_gone")
def test_an_agent_signs_in_while_redis_is_away() -> None:
    ana()
    assert _sign_in(PASSWORD) == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_is_gone")
def test_guessing_passwords_is_still_limited_while_redis_is_away() -> None:
    ana()
    for _ in range(12):
        _sign_in("a guess")
    assert _sign_in(PASSWORD) != 302


@pytest.mark.usefixtures("redis_is_gone")
def test_what_is_remembered_while_redis_is_away_can_be_asked_for() -> None:
    cache = caches["default"]
    assert cache.add("k", 1)
    assert not cache.add("k", 2)
    assert cache.incr("k") == 2
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert cache.has_key("a")
    cache.delete("a")
    assert cache.get("a", "nothing") == "nothing"


def test_with_redis_there_every_process_remembers_the_same() -> None:
    caches["default"].set("k", "v")
    another = ForgivingRedisCache(settings.REDIS_URL, {})
    assert another.get("k") == "v"
