"""The short way for what programs bring in is the ordinary way, only shorter."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as Registered
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.agents.models import Membership, Team, User
from apps.agents.operations.programs import remove_client
from apps.api.models import Program as Caller
from apps.channels.models import Channel
from apps.common import bus
from apps.intake.models import Delivery
from tests import people
from tests.api.conftest import LetIn, Program

pytestmark = pytest.mark.django_db

SHORT_WAY = "apps.api.v1.short_way.straight_in"
ORDINARY = [name for name in settings.MIDDLEWARE if name != SHORT_WAY]
JSON = "application/json"
ONE = {
    "id": "call-1",
    "author_id": "+49301234",
    "author_handle": "+49 30 1234",
    "author_name": "Kim Lee",
    "text": "please call back \u2026",
    "posted_at": "2026-11-25T15:48:13+01:00",
}
BODIES: dict[str, object] = {
    "one": ONE,
    "one with all there is": ONE
    | {
        "parent_id": None,
        "surface": "public",
        "url": "https://crm.example/1",
        "language": "de",
        "more": 1,
    },
    "some": {"messages": [ONE, ONE | {"id": "call-2", "parent_id": "call-1"}]},
    "none": {"messages": []},
    "too many": {"messages": [ONE] * 101},
    "no id": {**ONE, "id": ""},
    "no instant": ONE | {"posted_at": "soon"},
    "an instant too far": ONE | {"posted_at": "9999-12-31T23:59:59-12:00"},
    "one of two is wrong": {"messages": [ONE, {}]},
    "nothing": None,
    "a list": [ONE],
    "not JSON": "{",
    "not UTF-8": b'{"id": "\xff"}',
    "not a number": '{"id": NaN}',
    "UTF-16": json.dumps(ONE).encode("utf-16"),
}


class _BreaksOff(BytesIO):
    """What a caller sends who hangs up."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("gone")


BROKEN: dict[str, Any] = {"wsgi.input": _BreaksOff()}


@pytest.fixture
def phone(care: Team) -> Channel:
    return _generic("Phone", care)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_both_ways_answer_and_keep_alike(crm: Program, phone: Channel, body: object) -> None:
    short, ordinary = _both(crm, phone.pk, body)
    assert short == ordinary
    kept = [bytes(one.body) for one in Delivery.objects.filter(channel=phone).order_by("id")]
    assert len(kept) == (2 if short[0] == 202 else 0)
    assert len(set(kept)) <= 1


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "iso-8859-1", "ascii", "none-such"])
def test_both_ways_read_a_body_by_its_charset(crm: Program, phone: Channel, charset: str) -> None:
    body = json.dumps(ONE | {"text": "caf\u00e9"}, ensure_ascii=False).encode()
    short, ordinary = _both(crm, phone.pk, body, kind=f"{JSON}; charset={charset}")
    assert short == ordinary
    kept = [bytes(one.body) for one in Delivery.objects.filter(channel=phone)]
    assert len(set(kept)) == (1 if short[0] == 202 else 0)


def test_a_body_that_breaks_off_and_a_name_of_another_desk_are_told(
    crm: Program, phone: Channel
) -> None:
    address = f"/api/v1/channels/{phone.pk}/messages/"
    headers = {"authorization": f"Bearer {crm.token}"}
    broken = Client().generic("POST", address, b"{}", JSON, headers=headers, **BROKEN)
    assert (broken.status_code, broken["content-type"]) == (400, "application/problem+json")
    elsewhere = Client().post(address, ONE, JSON, headers=headers | {"host": "evil.example"})
    assert elsewhere.status_code == 400
    assert not Delivery.objects.exists()


def test_both_ways_ask_the_same_of_whoever_calls(
    crm: Program, ana: User, let_in: LetIn, care: Team
) -> None:
    other = people.a_team("Other")
    channels = [
        _generic("Phone", care),
        _generic("Theirs", other),
        _generic("Secret", other, is_private=True),
        people.a_channel("@acme", team=care),
        Channel(id=4711),
    ]
    late = let_in(ana)
    Token.objects.filter(id=Token.objects.latest("id").pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    ada = people.a_user("Ada Moreau", role="admin")
    callers = [crm, let_in(ana, "read", "write"), late, let_in(ada), Program("\u00e9"), Program("")]
    found = [[_both(one, channel.pk, ONE) for channel in channels] for one in callers]
    assert all(short == ordinary for answers in found for short, ordinary in answers)
    assert [[short[0] for short, _ in answers] for answers in found] == [
        [202, 422, 404, 422, 404],
        [403] * 5,
        [401] * 5,
        [202, 202, 202, 422, 404],
        [401] * 5,
        [401] * 5,
    ]


def test_the_short_way_is_taken_and_notes_who_called(crm: Program, phone: Channel) -> None:
    assert crm.post(f"channels/{phone.pk}/messages/", ONE).status_code == 202
    assert Caller.objects.get().last_used_at >= Delivery.objects.get().received_at
    with CaptureQueriesContext(connection) as asked:
        answer = crm.post(f"channels/{phone.pk}/messages/", ONE)
    assert (answer.status_code, len(asked)) == (202, 0), "the ordinary way asks by cursors"
    assert answer["cache-control"] == "private, no-store"
    assert answer["x-content-type-options"] == "nosniff"


def _takes_the_program_away(crm: Program, ana: User, channel: Channel) -> None:
    ada = people.a_user("Ada Moreau", role="admin")
    remove_client(client=Registered.objects.get(), by=ada, at=timezone.now())


def _lets_its_person_go(crm: Program, ana: User, channel: Channel) -> None:
    User.objects.filter(id=ana.pk).update(is_active=False)


def _takes_its_person_out_of_the_team(crm: Program, ana: User, channel: Channel) -> None:
    Membership.objects.filter(user=ana).delete()


def _gives_the_channel_to_others_alone(crm: Program, ana: User, channel: Channel) -> None:
    Channel.objects.filter(id=channel.pk).update(team=people.a_team("Other"), is_private=True)


@pytest.mark.parametrize(
    ("happens", "status"),
    [
        (_takes_the_program_away, 401),
        (_lets_its_person_go, 401),
        (_takes_its_person_out_of_the_team, 422),
        (_gives_the_channel_to_others_alone, 404),
    ],
)
def test_what_is_taken_away_is_gone_with_the_next_request(
    crm: Program, ana: User, phone: Channel, happens: Callable[..., None], status: int
) -> None:
    address = f"channels/{phone.pk}/messages/"
    assert [crm.post(address, ONE).status_code for _ in range(2)] == [202, 202]
    happens(crm, ana, phone)
    assert crm.post(address, ONE).status_code == status
    assert Delivery.objects.count() == 2


def test_limits_and_keys_hold_on_the_short_way(crm: Program, phone: Channel) -> None:
    address = f"channels/{phone.pk}/messages/"
    once, again = (crm.post(address, ONE, idempotency_key="a") for _ in range(2))
    assert once.json() == again.json()
    assert again["idempotent-replayed"] == "true"
    bus.connection().flushdb()
    with override_settings(API_RATE="3/h"):
        answers = [crm.post(address, ONE) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert [answer["ratelimit"] for answer in answers][:3] == [f'"api";r={n}' for n in (2, 1, 0)]
    assert int(answers[-1]["retry-after"]) > 0
    assert Delivery.objects.count() == 4


def _generic(handle: str, team: Team, **fields: Any) -> Channel:
    channel = people.a_channel(handle, team=team, **fields)
    Channel.objects.filter(id=channel.pk).update(network="generic")
    return channel


def _both(
    program: Program, channel_id: int, body: object, *, kind: str = JSON
) -> list[tuple[Any, ...]]:
    """Return what is answered on the short way and on the ordinary one, but for what is counted."""
    answers = []
    for middleware in (settings.MIDDLEWARE, ORDINARY):
        with override_settings(MIDDLEWARE=middleware):
            answer = Client().generic(
                "POST",
                f"/api/v1/channels/{channel_id}/messages/",
                body if isinstance(body, str | bytes) else json.dumps(body),
                content_type=kind,
                headers={"authorization": f"Bearer {program.token}"},
            )
        said = answer.json()
        said.pop("delivery", None)
        told = {name for name in answer.headers if name.startswith("RateLimit")}
        answers.append((answer.status_code, said, answer["content-type"], told))
    return answers
