"""The API answers as its own description says, whatever it is asked (schemathesis, over HTTP)."""

from collections import defaultdict
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.agents.models import User
from apps.api.limits import Throttle
from tests.api.conftest import a_token
from tests.people import Kim, conversation_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 4


@pytest.fixture
def described(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Throttle, "rate", "1000000/min")
    return schemathesis.openapi.from_url(f"{live_server.url}/api/v1/schema/")


def test_the_description_holds(described: Any, ana: User, kim: Kim, now: Any) -> None:
    message = kim.writes(at=now)
    conversation = conversation_of(message)
    known = defaultdict(
        lambda: 1,
        channels=kim.channel.pk,
        clocks=conversation.clocks.values_list("id", flat=True)[0],
        conversations=conversation.pk,
        customers=conversation.identity.customer_id,
        identities=conversation.identity_id,
        messages=message.pk,
        users=ana.pk,
        teams=kim.channel.team_id,
        shifts=ana.shifts.values_list("id", flat=True)[0],
    )
    headers = {"Authorization": f"Bearer {a_token(ana, 'read', 'write', 'inbound')}"}
    failures: list[str] = []
    asked = 0

    def try_out(operation: Any) -> None:
        resource = operation.path.split("/")[3]

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        def holds(case: Any) -> None:
            nonlocal asked
            asked += 1
            if asked % 2 and case.path_parameters:
                case.path_parameters = dict.fromkeys(case.path_parameters, known[resource])
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=20)

        holds()

    for found in described.get_all_operations():
        operation = found.ok()
        try:
            try_out(operation)
        except BaseExceptionGroup as error:
            failures.append(f"{operation.label}: {error.exceptions!r}"[:1500])
    assert failures == []
    assert asked >= 100
