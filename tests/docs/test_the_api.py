"""docs/tutorial/the-api.md, request by request."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.intake.operations import drain
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import a_token
from tests.docs.pages import CHECKOUT

PAGE = CHECKOUT / "docs" / "tutorial" / "the-api.md"
BLOCK = re.compile(r"^```(http|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\{(\w+)\}")


def test_every_request_of_the_tutorial(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.api.v1.events.SETTLING_SECONDS", -60)
    care = people.a_team()
    phone = people.a_channel("Phone", team=care)
    phone.network = "generic"
    phone.save()
    known: dict[str, Any] = {"token": a_token(people.ana(care), "read", "write", "inbound")}
    answer: Any = None
    asked = 0
    for language, text in BLOCK.findall(PAGE.read_text()):
        if language == "http":
            answer = _ask(NAMED.sub(lambda named: str(known.get(named[1], named[0])), text))
            known["etag"] = answer.headers.get("ETag", known.get("etag"))
            asked += 1
            drain()
        else:
            assert answer.status_code < 500
            _compare(json.loads(text), answer.json(), known)
    assert asked == 12
    assert Event.objects.filter(at__gt=timezone.now() - timedelta(hours=1)).exists()


def _ask(text: str) -> Any:
    head, _, body = text.partition("\n\n")
    first, *lines = head.strip().splitlines()
    method, address = first.split()
    headers = dict(line.split(": ", 1) for line in lines)
    send = getattr(Client(raise_request_exception=False), method.lower())
    if method == "GET":
        return send(address, headers=headers)
    return send(address, body.strip(), content_type="application/json", headers=headers)


def _compare(told: Any, found: Any, known: dict[str, Any]) -> None:
    """What the page tells is there, and as it tells it; what it has in braces is remembered."""
    if isinstance(told, dict):
        for name, value in told.items():
            _compare(value, found[name], known)
    elif isinstance(told, list):
        assert len(found) == len(told)
        for one, other in zip(told, found, strict=True):
            _compare(one, other, known)
    elif isinstance(told, str) and (named := NAMED.fullmatch(told)):
        assert known.setdefault(named[1], found) == found
    else:
        assert found == told
