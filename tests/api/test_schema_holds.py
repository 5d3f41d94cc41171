"""The API answers as its own description says, whatever it is asked and whoever asks.

Requests come from schemathesis, over HTTP: each is sent by every role in turn. Every second
operation makes a part, so that two processes share them: 5,000 requests at least in both.
"""

import logging
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django.live_server_helper import LiveServer
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.agents.models import Team, User
from apps.agents.programs import SCOPES
from tests import people
from tests.api.conftest import a_token
from tests.people import Kim, conversation_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
CSRF = "c" * 32
CASES, PARTS = 5_000, 2
Callers = Mapping[str, requests.Session]


@pytest.fixture
def callers(care: Team) -> Callers:
    """Every role: people by their sessions, a program that an admin answers for, and nobody."""
    ada = people.a_user("Ada Moreau", role="admin", team=care)
    found = {
        "agent": _signed_in(people.ana(care)),
        "manager": _signed_in(people.mia(care)),
        "admin": _signed_in(ada),
        "integration": requests.Session(),
        "nobody": requests.Session(),
    }
    found["integration"].headers["Authorization"] = f"Bearer {a_token(ada, *SCOPES)}"
    for session in found.values():
        session.trust_env = False  # to look for proxies costs as much as to send
    return found


@pytest.fixture
def known(care: Team, kim: Kim, now: Any) -> Mapping[str, int]:
    """An id that there is of every kind that a request may name."""
    message = kim.writes(at=now)
    conversation = conversation_of(message)
    ben = people.ben(care)
    return {
        "channels": kim.channel.pk,
        "clocks": conversation.clocks.values_list("id", flat=True)[0],
        "conversations": conversation.pk,
        "customers": conversation.identity.customer_id,
        "identities": conversation.identity_id,
        "messages": message.pk,
        "users": ben.pk,
        "teams": care.pk,
        "shifts": ben.shifts.values_list("id", flat=True)[0],
    }


@pytest.fixture
def described(live_server: LiveServer) -> Iterator[Any]:
    logging.disable(logging.WARNING)
    with override_settings(API_RATE="1000000/min"):
        yield schemathesis.openapi.from_url(f"{live_server.url}/api/v1/schema/")
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("examples", [8, pytest.param(40, marks=pytest.mark.soak)])
@pytest.mark.parametrize("part", range(PARTS))
def test_the_description_holds(
    part: int, examples: int, described: Any, callers: Callers, known: Mapping[str, int]
) -> None:
    failures: list[str] = []
    asked = 0

    def try_out(operation: Any) -> None:
        resource = operation.path.split("/")[3]

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        def holds(case: Any) -> None:
            nonlocal asked
            if case.path_parameters and asked // len(callers) % 3:
                case.path_parameters["id"] = known.get(resource, 1)
            for session in callers.values():
                asked += 1
                case.call_and_validate(session=session, checks=CHECKS, timeout=20)

        holds()

    for found in islice(described.get_all_operations(), part, None, PARTS):
        operation = found.ok()
        try:
            try_out(operation)
        except BaseExceptionGroup as error:
            failures.append(f"{operation.label}: {error.exceptions!r}"[:1500])
    assert failures == []
    assert asked >= CASES / PARTS


def _signed_in(user: User) -> requests.Session:
    browser = Client()
    browser.force_login(user)
    session = requests.Session()
    session.cookies.set("sessionid", browser.cookies["sessionid"].value)
    session.cookies.set("csrftoken", CSRF)
    session.headers["X-CSRFToken"] = CSRF
    return session
