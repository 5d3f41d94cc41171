"""What programs read: what the person who answers for them may read, page by page."""

import json
from datetime import datetime, timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client

from apps.agents.models import User
from apps.api.v1 import routes
from apps.conversations.models import Message
from apps.conversations.operations import noting, resolving
from tests import people
from tests.api.conftest import LetIn, Program
from tests.people import Kim, arrive, conversation_of

pytestmark = pytest.mark.django_db

RESOURCES = [*routes.RESOURCES.keys() - {"reports", "search", "webhooks"}]


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_every_resource_can_be_listed_with_few_statements(
    crm: Program, kim: Kim, now: datetime, django_assert_max_num_queries: Any
) -> None:
    arrive(
        kim.channel,
        *(
            Kim(kim.channel, author_id=f"c{n}", name=f"Customer {n}").says("hi", at=now)
            for n in range(30)
        ),
        at=now,
    )
    for resource in RESOURCES:
        with django_assert_max_num_queries(10):
            answer = crm.get(f"{resource}/")
        assert answer.status_code == 200, resource
        assert answer["content-type"] == "application/json"
        if resource in {"conversations", "messages", "customers", "identities"}:
            assert len(answer.json()["results"]) == 25
            following = answer.json()["next"].removeprefix("http://testserver/api/v1/")
            assert len(crm.get(following).json()["results"]) == 5


def test_a_conversation_tells_where_it_stands(
    crm: Program, kim: Kim, ana: User, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    answer = crm.get(f"conversations/{conversation.pk}/")
    told = answer.json()
    assert (told["state"], told["is_waiting"], told["assignee"]) == ("open", True, ana.pk)
    assert told["customer"] == conversation.identity.customer_id
    first = answer["etag"]
    resolving.resolve(conversation=conversation, by=ana, at=now, no_reply_needed="spam")
    answer = crm.get(f"conversations/{conversation.pk}/")
    assert answer["etag"] != first
    assert answer.json()["state"] == "resolved"


def test_filters_find_what_they_say(crm: Program, kim: Kim, ana: User, now: datetime) -> None:
    waits = conversation_of(kim.writes(at=now))
    done = conversation_of(Kim(kim.channel, author_id="lou").writes(at=now))
    resolving.resolve(conversation=done, by=ana, at=now + timedelta(hours=1), no_reply_needed="x")
    assert ids(crm.get("conversations/?state=open")) == [waits.pk]
    assert ids(crm.get("conversations/?is_waiting=false")) == [done.pk]
    since = (now + timedelta(minutes=30)).isoformat().replace("+", "%2B")
    assert ids(crm.get(f"conversations/?updated_since={since}")) == [done.pk]
    assert ids(crm.get(f"messages/?conversation={waits.pk}&direction=inbound"))
    assert ids(crm.get(f"clocks/?conversation={waits.pk}&runs=true"))
    assert len(ids(crm.get("customers/?limit=1"))) == 1
    refused = crm.get("conversations/?state=lost&updated_since=yesterday")
    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"state", "updated_since"}


def test_what_another_teams_private_channel_holds_is_as_unknown_as_nothing(
    crm: Program, care: object, now: datetime
) -> None:
    sales = people.a_team("Sales")
    hidden = Kim(people.a_channel("@secret", team=sales, is_private=True), author_id="vip")
    message = hidden.writes(at=now)
    conversation = conversation_of(message)
    stranger = people.ben(sales)
    rows = {
        "conversations": conversation.pk,
        "messages": message.pk,
        "customers": conversation.identity.customer_id,
        "identities": conversation.identity_id,
        "channels": hidden.channel.pk,
        "clocks": conversation.clocks.values_list("id", flat=True)[0],
        "users": stranger.pk,
        "teams": sales.pk,
        "shifts": stranger.shifts.values_list("id", flat=True)[0],
    }
    for resource, foreign in rows.items():
        here, nowhere = crm.get(f"{resource}/{foreign}/"), crm.get(f"{resource}/99999999/")
        assert here.status_code == 404, resource
        assert here.content == nowhere.content
        assert foreign not in ids(crm.get(f"{resource}/")), resource
    for deed in ("take", "resolve", "wake", "notes", "tag"):
        answer = crm.post(f"conversations/{conversation.pk}/{deed}/", {"text": "x"})
        assert answer.status_code == 404, deed
    assert crm.get("events/").json()["results"] == []


def test_the_feed_goes_on_where_it_was(crm: Program, kim: Kim, ana: User, now: datetime) -> None:
    before = now - timedelta(minutes=1)
    first = kim.writes(at=before)
    page = crm.get("events/?limit=1").json()
    seen = [page["results"][0]["data"]["event_id"]]
    while page["results"]:
        page = crm.get(f"events/?limit=1&after={page['next_after']}").json()
        seen += [event["data"]["event_id"] for event in page["results"]]
    assert seen == sorted(set(seen))
    assert len(seen) == 2
    noting.note(conversation=conversation_of(first), text="hm", by=ana, at=before)
    [event] = crm.get(f"events/?after={page['next_after']}&kind=noted").json()["results"]
    assert event["type"] == "noted"
    assert "hm" not in json.dumps(event)
    assert crm.get("events/?kind=everything").status_code == 400


def test_the_description_is_complete_and_the_reference_shows_it(live_server: Any) -> None:
    schema = Client().get("/api/v1/schema/").json()
    assert schema["openapi"].startswith("3.1")
    assert {path.split("/")[3] for path in schema["paths"]} == set(routes.RESOURCES)
    assert set(schema["components"]["securitySchemes"]) == {"program", "session"}
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert {"401", "403", "404", "429", "500"} <= set(operation["responses"])
    matching = {path for path, told in schema["paths"].items() if "'If-Match'" in str(told)}
    assert matching
    assert all("{id}" in path for path in matching)
    for described in schema["components"]["schemas"].values():
        jsonschema.validate(
            described["examples"][0], schema | described, cls=jsonschema.Draft202012Validator
        )
    page = Client().get("/api/v1/")
    assert page.status_code == 200
    assert page.text.count("<article") > 40
    assert "style=" not in page.text
    assert "<script" not in page.text.split("<body>")[1]


def test_a_person_reads_by_their_session(ana: User, kim: Kim, now: datetime) -> None:
    kim.writes(at=now)
    browser = Client()
    browser.force_login(ana)
    [row] = browser.get("/api/v1/conversations/").json()["results"]
    address = f"/api/v1/conversations/{row['id']}/notes/"
    for _ in range(2):
        answer = browser.post(
            address, {"text": "hm"}, "application/json", headers={"idempotency-key": "k"}
        )
        assert answer.status_code == 201
    assert Message.objects.filter(direction="note").count() == 1
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    assert strict.post(address, {"text": "hm"}, "application/json").status_code == 403


def test_who_was_let_go_answers_for_no_program(crm: Program, ana: User, let_in: LetIn) -> None:
    ana.is_active = False
    ana.save()
    answer = crm.get("conversations/")
    assert answer.status_code == 401
    assert answer["www-authenticate"].startswith("Bearer")
