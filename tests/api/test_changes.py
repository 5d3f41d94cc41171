"""Whoever copies the desk by `updated_since` has what whoever reads all of it has."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import User
from apps.api.v1 import routes
from apps.channels.connector import Removal
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Draft, Message, Pledge
from apps.conversations.operations import (
    assigning,
    labelling,
    noting,
    pausing,
    pledging,
    replying,
    resolving,
    sending,
    snoozing,
)
from apps.conversations.operations.notifying import note_read
from apps.conversations.operations.receiving import Departure, receive
from apps.customers.models import Identity, Match
from apps.customers.operations import merge, name_customer, part
from apps.intake.models import SetAside
from apps.intake.operations import drain, keep
from apps.labels.models import Flag, Tag
from apps.labels.operations import save_label
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import Program
from tests.people import Kim, arrive, conversation_of

pytestmark = pytest.mark.django_db

COPIED = {
    "clocks",
    "conversations",
    "customers",
    "identities",
    "matches",
    "messages",
    "notifications",
    "promises",
    "set-aside",
}
COMPARED_AFTER = {5, 11, 17, 21}
Happening = Callable[[datetime], object]


@pytest.fixture
def now() -> datetime:
    """Some hours ago: a reply leaves by the clock on the wall."""
    return timezone.now() - timedelta(hours=5)


@pytest.fixture
def day(kim: Kim, ana: User, care: Any, now: datetime) -> list[Happening]:
    """What happens one after the other, each in a conversation of its own as far as it goes."""
    Channel.objects.filter(id=kim.channel.pk).update(network="generic")
    kim.channel.refresh_from_db()
    mia, ben = people.mia(care), people.ben(care)
    tag = save_label(kind=Tag, name="billing", colour="red", by=mia, at=now)
    flag = save_label(kind=Flag, name="VIP", colour="red", by=mia, at=now)
    others = [Kim(kim.channel, author_id=f"c{n}", name=f"C {n}") for n in range(9)]
    first = [conversation_of(one.writes(f"{n}", at=now)) for n, one in enumerate(others)]
    identities = list(Identity.objects.order_by("id"))
    for external_id in "eg":
        kim.writes("helo", at=now, external_id=external_id)

    def reply(conversation: Conversation, at: datetime) -> Message:
        return replying.reply(
            conversation=conversation, text="Dear you. ^AB", by=ana, session_key="s", at=at
        )

    def undo(at: datetime) -> None:
        replying.undo(message=reply(first[0], at - timedelta(seconds=1)), by=ana, at=at)

    def mention(at: datetime) -> None:
        noting.note(conversation=first[1], text="@Ana look", by=ben, at=at)

    def promise(at: datetime) -> Pledge:
        note = noting.note(conversation=first[2], text="on Friday", by=ana, at=at)
        due = at + timedelta(days=2)
        return pledging.pledge(message=note, words="on Friday", due_at=due, by=ana, at=at)

    def merged(at: datetime) -> Match:
        return merge(one=identities[2], other=identities[3], reason="told", by=ana, at=at)

    return [
        lambda at: arrive(kim.channel, kim.says("hello", at=at), at=at),
        lambda at: Kim(kim.channel, author_id="c0", name="New Name").writes(at=at),
        lambda at: arrive(
            kim.channel,
            kim.says("hello", at=now, external_id="e", edited_at=now - timedelta(hours=1)),
            at=at,
        ),
        lambda at: receive(
            [],
            gone=[
                Departure(
                    kim.channel, Removal(external_id="g", deleted_at=now - timedelta(hours=1))
                )
            ],
            at=at,
        ),
        undo,
        lambda at: reply(first[1], at),
        lambda _: sending.send_due(),
        lambda at: assigning.assign(conversation=first[3], to=ben, by=mia, at=at),
        lambda at: snoozing.snooze(
            conversation=first[4], until=at + timedelta(days=1), by=ana, at=at
        ),
        lambda at: labelling.tag(conversation=first[5], tag=tag, by=ana, at=at),
        lambda at: labelling.prioritize(conversation=first[6], priority="high", by=ana, at=at),
        lambda at: labelling.change_flags(conversation=first[7], add=[flag], by=ana, at=at),
        lambda at: pausing.pause(
            conversation=first[8], paused_for=Conversation.Pause.CUSTOMER, by=ana, at=at
        ),
        lambda at: resolving.resolve(
            conversation=first[8], no_reply_needed="thanks", by=ana, at=at
        ),
        mention,
        lambda at: note_read(by=ana, at=at),
        promise,
        merged,
        lambda at: pledging.settle(
            pledge=Pledge.objects.get(), state="kept", note="", by=ana, at=at
        ),
        lambda at: part(match=Match.objects.get(), reason="not him", by=ana, at=at),
        lambda at: name_customer(customer=identities[4].customer, name="Al", by=ana, at=at),
        lambda at: keep(channel=kim.channel, body=b"{", at=at) and drain(),
    ]


def test_a_copy_kept_by_what_changed_is_whole(
    crm: Program, day: list[Happening], now: datetime
) -> None:
    copy = {name: _all(crm, name) for name in COPIED}
    for number, happens in enumerate(day):
        at = now + timedelta(minutes=number + 1)
        happens(at)
        for name, rows in copy.items():
            rows |= _all(crm, name, since=at - timedelta(seconds=1))
            if number in COMPARED_AFTER:
                whole = _all(crm, name)
                assert rows | whole == rows, f"{name} after happening {number}"
                assert name == "customers" or rows == whole, "nothing else leaves"
    assert Draft.objects.exists()
    assert SetAside.objects.exists()


def test_the_conversation_that_another_ends_in_is_found(
    crm: Program, kim: Kim, now: datetime
) -> None:
    older = kim.writes("left", at=now, external_id="20", parent_id="11")
    newer = kim.writes("right", at=now, external_id="30", parent_id="12")
    both = {conversation_of(one).pk for one in (older, newer)}
    at = now + timedelta(minutes=1)
    between = people.brand_says(kim.channel, "hi", at=now, parent_id="11", external_id="12")
    people.arrive(kim.channel, between, at=at)
    [gone] = Event.objects.filter(kind="merged").values_list("conversation_id", flat=True)
    found = {name: _all(crm, name, since=at) for name in ("conversations", "clocks")}
    assert both - {gone} <= found["conversations"].keys()
    assert {clock["conversation"] for clock in found["clocks"].values()} == both - {gone}


def test_what_did_not_change_is_not_sent_again(
    crm: Program, day: list[Happening], now: datetime
) -> None:
    at = now + timedelta(minutes=1)
    assert [_all(crm, name, since=at) for name in sorted(COPIED)] == [{}] * len(COPIED)
    day[0](at)
    found = {name: len(_all(crm, name, since=at)) for name in COPIED}
    assert found["messages"] == found["conversations"] == found["customers"] == 1


def test_the_description_and_the_reference_say_which_lists_tell_what_changed() -> None:
    schema = Client().get("/api/v1/schema/").json()
    telling = {
        path.split("/")[3]
        for path, methods in schema["paths"].items()
        for named in methods.get("get", {}).get("parameters", [])
        if named["name"] == "updated_since"
    }
    assert telling == COPIED
    said = Path("docs/reference/api.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in said for name in routes.RESOURCES)


def _all(program: Program, name: str, *, since: datetime | None = None) -> dict[int, Any]:
    """Return every row by its id, page after page."""
    address = f"{name}/?limit=100"
    address += f"&updated_since={quote(since.isoformat())}" if since else ""
    answer = program.get(address)
    assert answer.status_code == 200, answer.content
    assert answer.json()["next"] is None
    return {row["id"]: row for row in answer.json()["results"]}
