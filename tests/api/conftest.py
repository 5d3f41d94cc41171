import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import User
from apps.agents.operations.programs import add_client
from apps.common import bus, rates


class Program:
    """A program outside: asks with a token of its own, and hears JSON."""

    def __init__(self, token: str) -> None:
        self.token = token
        self._client = Client(raise_request_exception=False)

    def get(self, address: str, **headers: str) -> Any:
        return self._client.get(f"/api/v1/{address}", headers=self._headers(headers))

    def post(self, address: str, said: object = None, **headers: str) -> Any:
        return self.send("post", address, said, **headers)

    def send(self, method: str, address: str, said: object = None, **headers: str) -> Any:
        return getattr(self._client, method)(
            f"/api/v1/{address}",
            data=json.dumps(said) if said is not None else "",
            content_type="application/json",
            headers=self._headers(headers),
        )

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"authorization": f"Bearer {self.token}", **named}


LetIn = Callable[..., Program]


def a_token(owner: User, *scopes: str) -> str:
    """Signs in as programs do: OAuth 2, client credentials."""
    client, secret = add_client(name="CRM", scopes=scopes, owner=owner, by=None, at=timezone.now())
    basic = base64.b64encode(f"{client.pk}:{secret}".encode()).decode()
    answer = Client().post(
        "/api/token",
        {"grant_type": "client_credentials"},
        headers={"authorization": f"Basic {basic}"},
    )
    assert answer.status_code == 200, answer.content
    token: str = answer.json()["access_token"]
    return token


@pytest.fixture(autouse=True)
def _no_rate_of_another_test() -> Iterator[None]:
    """Strangers count by their address, which is the same in every test of every room."""
    _forget_rates()
    yield
    _forget_rates()


def _forget_rates() -> None:
    bus.connection().flushdb()
    rates.forget()


@pytest.fixture
def let_in() -> LetIn:
    def program(owner: User, *scopes: str) -> Program:
        return Program(a_token(owner, *(scopes or ("read", "write", "inbound"))))

    return program


@pytest.fixture
def crm(ana: User, let_in: LetIn) -> Program:
    """A program that Ana answers for."""
    return let_in(ana)
