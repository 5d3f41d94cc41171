"""What programs decide: as the console does, once a key, on the state they saw."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from apps.api import idempotency
from apps.api.models import Answered
from apps.conversations.models import Conversation, Draft, Message
from apps.intake.operations import drain
from apps.labels.models import Tag
from apps.labels.operations import save_label
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import LetIn, Program
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(kim: Kim, ana: User, now: datetime) -> Conversation:
    return conversation_of(kim.writes(at=now))


def test_a_program_does_what_a_person_does_in_the_console(
    crm: Program, waiting: Conversation, ana: User, now: datetime
) -> None:
    def does(deed: str, said: object = None) -> Any:
        answer = crm.post(f"conversations/{waiting.pk}/{deed}/", said)
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    ben = people.ben()
    assert does("assign", {"user": ben.pk})["assignee"] == ben.pk
    assert does("assign", {"user": None})["assignee"] is None
    assert does("take")["assignee"] == ana.pk
    until = (now + timedelta(days=1)).isoformat()
    assert does("snooze", {"until": until})["state"] == "snoozed"
    assert does("wake")["state"] == "open"
    assert does("prioritize", {"priority": "high"})["priority"] == "high"
    assert does("notes", {"text": "from the CRM"})["direction"] == "note"
    assert does("dismiss", {"no_reply_needed": "thanks"})["is_waiting"] is False
    assert does("resolve")["state"] == "resolved"
    assert does("undo-resolve")["state"] == "open"
    assert does("pause", {"paused_for": "customer"})["paused_for"] == "customer"
    assert does("unpause")["paused_for"] is None
    kinds = Event.objects.filter(conversation_id=waiting.pk, by_id=ana.pk).order_by("id")
    assert {"assigned", "unassigned", "snoozed", "noted", "resolved"} <= set(
        kinds.values_list("kind", flat=True)
    )


def test_a_program_drafts_and_never_sends(crm: Program, waiting: Conversation, ana: User) -> None:
    address = f"conversations/{waiting.pk}/draft/"
    assert crm.get(address).json()["text"] == ""
    assert crm.send("put", address, {"text": "Dear Kim,"}).status_code == 200
    assert Draft.objects.get().text == crm.get(address).json()["text"] == "Dear Kim,"
    refused = crm.post(f"conversations/{waiting.pk}/reply/", {"text": "x"})
    assert refused.status_code == 403
    assert refused.json()["detail"].startswith("A person does this")
    for deed in ("send", "messages"):
        assert crm.post(f"conversations/{waiting.pk}/{deed}/", {"text": "x"}).status_code == 404
    assert crm.post("messages/", {"text": "x"}).status_code == 405
    assert not Message.objects.filter(direction="outbound").exists()


def test_a_person_sends_by_their_session(waiting: Conversation, ana: User) -> None:
    browser = Client()
    browser.force_login(ana)

    def posts(address: str, said: object = None) -> Any:
        return browser.post(f"/api/v1/{address}/", said, "application/json")

    seen = waiting.messages.latest("id").pk
    reply = {"text": "Dear Kim, it is fixed. ^AB", "seen_message": seen}
    answer = posts(f"conversations/{waiting.pk}/reply", reply)
    assert (answer.status_code, answer.json()["state"]) == (201, "queued")
    sent = Message.objects.get(direction="outbound")
    assert sent.act is not None
    assert (sent.act.user, sent.text) == (ana, reply["text"])
    assert posts(f"messages/{sent.pk}/undo").json()["state"] == "undone"
    assert Draft.objects.get().text == reply["text"]
    assert posts(f"messages/{sent.pk}/undo").status_code == 409
    again = posts(f"conversations/{waiting.pk}/reply", reply).json()["id"]
    assert posts(f"messages/{again}/send-now").status_code == 200
    assert Message.objects.get(id=again).not_before <= timezone.now()  # type: ignore[operator]
    assert posts(f"messages/{seen}/discard").status_code == 404


def test_pictures_of_a_draft_are_added_described_and_taken_off(
    crm: Program, waiting: Conversation
) -> None:
    body = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(100)).decode()
    address = f"conversations/{waiting.pk}/pictures/"
    answer = crm.post(address, {"body": body, "alt": "a router"})
    assert answer.status_code == 201, answer.content
    picture = f"pictures/{answer.json()['id']}/"
    assert crm.send("patch", picture, {"alt": "my router"}).json()["alt"] == "my router"
    assert [one["alt"] for one in crm.get("pictures/").json()["results"]] == ["my router"]
    assert crm.send("delete", picture).status_code == 204
    assert crm.get(picture).status_code == 404
    assert crm.post(address, {"body": "no base64!"}).json()["errors"].keys() == {"body"}


def test_what_the_desk_refuses_is_said_as_in_the_console(
    crm: Program, waiting: Conversation
) -> None:
    answer = crm.post(f"conversations/{waiting.pk}/resolve/")
    assert answer.status_code == 422
    assert answer["content-type"] == "application/problem+json"
    assert "is waiting for an answer" in answer.json()["detail"]
    past = crm.post(f"conversations/{waiting.pk}/snooze/", {"until": "2020-01-01T00:00:00Z"})
    assert past.status_code == 422
    assert crm.post(f"conversations/{waiting.pk}/wake/").status_code == 409


def test_a_state_that_is_over_is_not_decided_about(crm: Program, waiting: Conversation) -> None:
    address = f"conversations/{waiting.pk}/"
    seen = crm.get(address)["etag"]
    assert crm.post(f"{address}notes/", {"text": "meanwhile"}).status_code == 201
    lost = crm.post(f"{address}prioritize/", {"priority": "low"}, if_match=seen)
    assert lost.status_code == 412
    fresh = crm.get(address)["etag"]
    won = crm.post(f"{address}prioritize/", {"priority": "low"}, if_match=fresh)
    assert won.status_code == 200
    assert won["etag"] not in {seen, fresh}


def test_a_key_repeats_the_first_answer_for_a_day(
    crm: Program, waiting: Conversation, let_in: LetIn, ana: User
) -> None:
    address = f"conversations/{waiting.pk}/notes/"
    first = crm.post(address, {"text": "once"}, idempotency_key="a")
    again = crm.post(address, {"text": "once"}, idempotency_key="a")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again["idempotent-replayed"] == "true"
    assert Message.objects.filter(direction="note").count() == 1
    other = crm.post(address, {"text": "other"}, idempotency_key="a")
    assert other.status_code == 409
    assert let_in(ana).post(address, {"text": "other"}, idempotency_key="a").status_code == 201
    refused = crm.post(f"conversations/{waiting.pk}/resolve/", idempotency_key="b")
    repeated = crm.post(f"conversations/{waiting.pk}/resolve/", idempotency_key="b")
    assert (refused.status_code, repeated.status_code) == (422, 422)
    assert refused.json() == repeated.json()
    assert idempotency.forget_old(at=timezone.now()) == 0
    assert idempotency.forget_old(at=timezone.now() + timedelta(days=1)) == 3
    assert crm.post(address, {"text": "other"}, idempotency_key="a").status_code == 201
    assert crm.post(address, {"text": "x"}, idempotency_key="k" * 300).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_fifty_copies_at_once_have_one_effect(
    crm: Program, waiting: Conversation, live_server: LiveServer
) -> None:
    address = f"{live_server.url}/api/v1/conversations/{waiting.pk}/notes/"
    headers = {"authorization": f"Bearer {crm.token}", "idempotency-key": "one"}
    all_there = threading.Barrier(50)

    def copy(_number: int) -> tuple[int, int]:
        all_there.wait()
        answer = httpx.post(address, json={"text": "once"}, headers=headers, timeout=60)
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(50) as copies:
        answers = list(copies.map(copy, range(50)))
    note = Message.objects.get(direction="note")
    assert answers == [(201, note.pk)] * 50
    assert Answered.objects.count() == Event.objects.filter(kind="noted").count() == 1


def test_any_source_can_be_a_channel(crm: Program, care: Any, now: datetime) -> None:
    channel = people.a_channel("Phone", team=care)
    channel.network = "generic"
    channel.save()
    one = {
        "id": "call-1",
        "author_id": "+49301234",
        "author_handle": "+49 30 1234",
        "author_name": "Kim Lee",
        "text": "please call back \u2026",
        "posted_at": now.isoformat(),
    }
    address = f"channels/{channel.pk}/messages/"
    assert crm.post(address, one).status_code == 202
    both = [one, one | {"id": "call-2", "text": "again"}]
    answer = crm.post(address, {"messages": both})
    assert (answer.status_code, answer.json()["messages"]) == (202, 2)
    drain()
    stored = Message.objects.filter(channel=channel).order_by("external_id")
    assert [message.external_id for message in stored] == ["call-1", "call-2"]
    assert {message.conversation_id for message in stored} != {None}
    assert crm.post(address, one | {"posted_at": "soon"}).json()["errors"].keys() == {"posted_at"}
    assert crm.post(address, {"messages": []}).status_code == 400
    square = people.a_channel("@acme", team=care)
    assert crm.post(f"channels/{square.pk}/messages/", one).status_code == 422


def test_scopes_hold(ana: User, let_in: LetIn, waiting: Conversation) -> None:
    reader = let_in(ana, "read")
    assert reader.get("conversations/").status_code == 200
    answer = reader.post(f"conversations/{waiting.pk}/take/")
    assert answer.status_code == 403
    assert answer["content-type"] == "application/problem+json"
    bringer = let_in(ana, "inbound")
    assert bringer.get("conversations/").status_code == 403
    assert bringer.post("channels/999999/messages/", {}).status_code == 404


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("get", "conversations/0/", {}, 404),
        ("get", "nowhere/at/all", {}, 404),
        ("post", "nowhere/", {}, 404),
        ("delete", "conversations/", {}, 405),
        ("post", "conversations/1/notes/", {"content_type": "text/plain"}, 415),
        ("get", "conversations/", {"authorization": "Bearer wrong"}, 401),
        ("get", "conversations/?cursor=x", {}, 404),
    ],
)
def test_every_error_is_told_as_problem_details(
    crm: Program, method: str, address: str, headers: dict[str, str], status: int
) -> None:
    content_type = headers.pop("content_type", "application/json")
    answer = getattr(crm._client, method)(
        f"/api/v1/{address}",
        content_type=content_type,
        headers={"authorization": f"Bearer {crm.token}", **headers},
    )
    assert answer.status_code == status
    assert answer["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"].endswith((".", '"'))


def test_what_is_too_large_or_too_much_is_refused(crm: Program, waiting: Conversation) -> None:
    with override_settings(MAX_BODY_BYTES=100):
        answer = crm.post(f"conversations/{waiting.pk}/notes/", {"text": "x" * 200})
    assert answer.status_code == 413
    left = crm.get("tags/")["ratelimit"]
    assert left.startswith('"api";r=')
    with override_settings(API_RATE="1/h"):
        answers = [crm.get("tags/") for _ in range(4)]
    [answer, *_] = [one for one in answers if one.status_code == 429]
    assert 0 < int(answer["retry-after"]) <= 3601
    assert (answer["ratelimit-policy"], answer["ratelimit"]) == ('"api";q=1;w=3600', '"api";r=0')


def test_broken_json_and_no_sign_in_are_told(
    client: Any, waiting: Conversation, crm: Program
) -> None:
    answer = crm._client.post(
        f"/api/v1/conversations/{waiting.pk}/notes/",
        data="{",
        content_type="application/json",
        headers={"authorization": f"Bearer {crm.token}"},
    )
    assert answer.status_code == 400
    assert client.get("/api/v1/conversations/").status_code == 401


def test_tags_are_given_by_their_ids(
    crm: Program, waiting: Conversation, care: Any, now: datetime
) -> None:
    mia = people.mia(care)
    tag = save_label(kind=Tag, name="billing", colour="red", by=mia, at=now)
    address = f"conversations/{waiting.pk}/tag/"
    assert crm.post(address, {"add": [tag.pk]}).json()["tags"] == [tag.pk]
    assert crm.post(address, {"remove": [tag.pk]}).json()["tags"] == []
    assert crm.post(address, {"add": [999]}).status_code == 400
