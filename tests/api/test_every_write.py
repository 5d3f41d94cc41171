"""What holds for every request that changes something, asked of each that the description names."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from apps.agents.models import Team, User
from apps.customers.models import Identity
from apps.customers.operations import merge
from apps.labels.models import Flag, Tag
from apps.labels.operations import save_label
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import Program
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db

JSON = "application/json"
Write = tuple[str, str, bool]


@pytest.fixture
def ada(care: Team) -> Client:
    """An admin's browser."""
    browser = Client(raise_request_exception=False)
    browser.force_login(people.a_user("Ada Moreau", role="admin", team=care))
    return browser


@pytest.fixture
def known(care: Team, kim: Kim, ana: User, now: Any) -> dict[str, int]:
    """Something of many kinds that a request may be about."""
    mia, ben = people.mia(care), people.ben(care)
    message = kim.writes(at=now)
    Kim(kim.channel, author_id="lou").writes(at=now)
    one, other = Identity.objects.order_by("id")
    return {
        "channels": kim.channel.pk,
        "conversations": conversation_of(message).pk,
        "customers": one.customer_id,
        "flags": save_label(kind=Flag, name="VIP", colour="red", by=mia, at=now).pk,
        "matches": merge(one=one, other=other, reason="told", by=ana, at=now).pk,
        "messages": message.pk,
        "shifts": ben.shifts.values_list("id", flat=True)[0],
        "tags": save_label(kind=Tag, name="billing", colour="red", by=mia, at=now).pk,
        "teams": care.pk,
        "users": ben.pk,
    }


@override_settings(API_RATE="100000/min")
def test_none_decides_about_a_state_that_is_over(ada: Client, known: dict[str, int]) -> None:
    asked = [write for write in _writes(ada, known) if write[2]]
    assert len(asked) > 40
    for method, address, _ in asked:
        answer = getattr(ada, method)(address, "{}", JSON, headers={"if-match": '"over"'})
        assert answer.status_code == 412, (method, address, answer.content)


@override_settings(API_RATE="100000/min")
def test_every_post_has_one_effect_a_key(ada: Client, known: dict[str, int]) -> None:
    posted = [address for method, address, _ in _writes(ada, known) if method == "post"]
    assert len(posted) > 50
    begun = Event.objects.count()
    taken = 0
    for number, address in enumerate(posted):
        key = {"idempotency-key": f"key {number}"}
        first, other = (ada.post(address, said, JSON, headers=key) for said in ("{}", '{"x": 1}'))
        taken += first.status_code < 300
        told = Event.objects.count()
        again = ada.post(address, "{}", JSON, headers=key)
        assert Event.objects.count() == told, address
        assert other.status_code == 409, (address, other.content)
        assert _said(again) == _said(first), address
        assert again["idempotent-replayed"] == "true"
    assert taken > 10
    assert Event.objects.count() > begun + 5


def test_a_draft_has_a_state_of_its_own(crm: Program, known: dict[str, int]) -> None:
    address = f"conversations/{known['conversations']}/draft/"
    seen = crm.get(address)["etag"]
    mine = crm.send("put", address, {"text": "Dear Kim,"}, if_match=seen)
    assert (mine.status_code, mine["etag"]) == (200, crm.get(address)["etag"])
    for lost in (
        crm.send("put", address, {"text": "Hello"}, if_match=seen),
        crm.send("post", address.replace("draft", "split"), {"text": "Hello"}, if_match=seen),
    ):
        assert lost.status_code == 412
    assert crm.get(address).json()["text"] == "Dear Kim,"


@pytest.mark.parametrize("address", ["", "schema/"])
def test_pages_tell_of_a_wrong_method_as_resources_do(address: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/api/v1/{address}", "{}", JSON)
    assert (answer.status_code, answer["content-type"]) == (405, "application/problem+json")
    assert answer.json()["status"] == 405
    assert "GET" in answer["allow"]


def test_what_is_nested_too_deeply_is_told(crm: Program, known: dict[str, int]) -> None:
    address = f"/api/v1/conversations/{known['conversations']}/notes/"
    headers = {"authorization": f"Bearer {crm.token}"}
    answer = Client().post(address, "[" * 100_000, JSON, headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")


@override_settings(API_RATE="2/h")
def test_whoever_is_refused_counts_by_where_they_call_from(crm: Program) -> None:
    stranger = Program("guessed")
    assert [stranger.get("tags/").status_code for _ in range(3)] == [401, 401, 429]
    assert int(Client().get("/api/v1/tags/")["retry-after"]) > 0
    assert crm.get("tags/").status_code == 200


def _writes(browser: Client, known: dict[str, int]) -> Iterator[Write]:
    """Yield each request that changes something, and whether it is told of `If-Match`."""
    schema = browser.get("/api/v1/schema/").json()
    for path, methods in schema["paths"].items():
        resource = path.split("/")[3]
        for method in sorted(methods.keys() - {"get"}):
            if "{id}" in path and resource not in known:
                continue
            address = path.replace("{id}", str(known.get(resource)))
            named = {one["name"] for one in methods[method].get("parameters", [])}
            yield method, address, "If-Match" in named


def _said(answer: Any) -> tuple[int, object]:
    return answer.status_code, answer.json() if answer.content else None
