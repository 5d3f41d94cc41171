"""How many statements each page takes: few, and as many for fifty rows as for one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.agents.models import User
from apps.conversations.operations import attaching, labelling, pinning, pledging
from apps.conversations.operations.drafting import save_draft
from apps.conversations.operations.holding_words import hold_words
from apps.conversations.operations.keeping_views import keep_view
from apps.conversations.operations.noting import note
from apps.conversations.operations.replying import reply
from apps.customers.models import Match
from apps.customers.operations import merge
from apps.labels.models import Flag
from tests import people
from tests.console.conftest import HTMX
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db
MOST, MOST_OF_ALL_AT_ONCE = 12, 22
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def statements(desk: Client, address: str, headers: dict[str, str]) -> int:
    """How many a page takes that was shown before."""
    desk.get(address, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address, headers=headers).status_code == 200
    return len(asked)


def test_a_page_takes_at_most_twelve_statements_and_as_many_for_fifty_rows_as_for_one(
    ana: User, desk: Client, kim: Kim, many_write: Callable[[int], None], now: datetime
) -> None:
    asked = kim.writes("message from Kim", at=now - timedelta(days=1))
    channel = {"channel": str(kim.channel.pk)}
    view = keep_view(name="Acme", queue="everyone", given=channel, team=None, by=ana, at=now)
    conversation = f"/conversations/{asked.conversation_id}/"
    pages = [
        ("/inbox/everyone/", {}),
        ("/inbox/mine/", {}),
        (f"/inbox/everyone/?channel={kim.channel.pk}&view={view.pk}", {}),
        ("/rail/", HTMX),
        ("/inbox/everyone/rows/", HTMX),
        (f"/inbox/everyone/rows/?ids={asked.conversation_id}", HTMX),
        (conversation, HTMX),
        ("/search/?q=message+from", {}),
        ("/search/?q=message+from", HTMX),
    ]
    hold_words()
    for_one = [statements(desk, *page) for page in pages]
    everything = statements(desk, conversation, {})
    many_write(60)
    hold_words()
    assert [statements(desk, *page) for page in pages] == for_one
    assert statements(desk, conversation, {}) == everything <= MOST_OF_ALL_AT_ONCE
    assert [each for each in zip(pages, for_one, strict=True) if each[1] > MOST] == []


def test_a_conversation_with_all_there_may_be_takes_as_few_statements(
    ana: User, desk: Client, kim: Kim, now: datetime
) -> None:
    """Another handle, a match, promises, a pinned note, a handover, pictures said and drafted."""
    at = now - timedelta(hours=3)
    earlier = conversation_of(kim.writes("my order 88-1204", at=at - timedelta(days=2)))
    asked = kim.writes("it still drops", at=at)
    conversation = conversation_of(asked)
    lee = Kim(kim.channel, author_id="lee", name="Lee").writes("mail me: kim@kim.example", at=at)
    third = Kim(kim.channel, author_id="cam", name="Cam").writes("kim@kim.example", at=at)
    ben = people.ben(ana.teams.get())
    kims, lees, cams = (conversation_of(message).identity for message in (asked, lee, third))
    merge(one=kims, other=lees, reason="yes", by=ana, at=at)
    said = {"kind": "email", "value": "kim@kim.example", "messages": [lee.pk, third.pk]}
    Match.objects.create(
        left=kims,
        right=cams,
        state=Match.State.PROPOSED,
        evidence=[said],
        proposed_at=at,
    )
    for talk in (earlier, conversation):
        noted = note(conversation=talk, text="call back on Friday", by=ben, at=at)
        pinning.pin(note=noted, by=ben, at=at)
        pledging.pledge(
            message=noted, words="call back", due_at=now + timedelta(days=1), by=ben, at=at
        )
        flag = Flag.objects.create(name=f"vip {talk.pk}", key=f"vip {talk.pk}")
        labelling.change_flags(conversation=talk, add=[flag], by=ben, at=at)
    picture = attaching.attach(conversation=conversation, body=GIF, by=ana, at=at)
    reply(
        conversation=conversation,
        text="Does it blink?",
        by=ana,
        session_key="s",
        at=at,
        alts={picture.pk: "a router"},
    )
    kim.writes("it does", at=now - timedelta(hours=1), parent_id=asked.external_id)
    attaching.attach(conversation=conversation, body=GIF, by=ana, at=now)
    save_draft(conversation=conversation, text="Then", by=ana, at=now)

    address = f"/conversations/{conversation.pk}/"
    shown = desk.get(address).text
    for words in ("88-1204", "call back", "a router", "kim@kim.example", "Cam", "vip", "Then"):
        assert words in shown, words
    assert statements(desk, address, HTMX) <= MOST
    assert statements(desk, f"{address}refresh/", HTMX) <= MOST
    assert statements(desk, address, {}) <= MOST_OF_ALL_AT_ONCE
