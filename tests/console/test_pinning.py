"""Pinned notes stand on top of the brief, whoever helps the customer, wherever they write."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.models import Message, Pin
from apps.conversations.operations import assigning, noting, pinning, pledging, replying
from apps.customers import operations
from apps.ledger.models import Event
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db


def test_a_note_is_pinned_as_it_is_written_and_stands_first_wherever_they_write(
    kim: Kim, desk: Client, ana: User, sign_in: SignIn, now: datetime
) -> None:
    first = conversation_of(kim.writes(at=now - timedelta(days=3)))
    again = conversation_of(kim.writes("again", at=now))
    address = f"/conversations/{first.pk}/note/"
    desk.post(address, {"text": "deaf: write, never call", "pin": "yes"}, headers=HTMX)
    note = Message.objects.get(direction="note")
    [_, brief] = desk.get(f"/conversations/{again.pk}/").text.split('id="brief"')
    [top, below] = brief.split("Reaches us as")
    assert 'class="pinned"' in top
    assert "deaf: write, never call" in top
    assert "deaf" not in below
    assert "deaf" in desk.get(f"/customers/{first.identity.customer_id}/").text
    assert "Ana Bauer pinned a note" in desk.get(f"/conversations/{first.pk}/").text

    other = Kim(kim.channel, author_id="lee", name="K. Lee").writes("me too", at=now)
    match = operations.merge(
        one=first.identity, other=conversation_of(other).identity, reason="said so", by=ana, at=now
    )
    assert 'class="pinned"' in desk.get(f"/conversations/{other.conversation_id}/").text
    operations.part(match=match, reason="no", by=ana, at=now)
    assert 'class="pinned"' not in desk.get(f"/conversations/{other.conversation_id}/").text

    outsider = sign_in(people.a_user("Sam Berg", team=people.a_team("Shop")))
    seen = outsider.get(f"/conversations/{first.pk}/").text
    assert 'class="pinned"' in seen
    assert f"/messages/{note.pk}/pin/" not in seen
    pin = f"/messages/{note.pk}/pin/"
    assert outsider.post(pin, {"pinned": ""}, headers=HTMX).status_code == 422
    assert Pin.objects.count() == 1

    answer = desk.post(pin, {"pinned": ""}, headers=HTMX)
    assert 'class="pinned"' not in answer.text
    assert Event.objects.filter(kind="unpinned", by_id=ana.pk).count() == 1
    assert desk.post("/messages/987654/pin/", {"pinned": "yes"}).status_code == 404
    assert desk.post(f"/messages/{other.pk}/pin/", {"pinned": "yes"}).status_code == 404


def test_more_than_five_are_refused_and_pinning_twice_is_once(
    kim: Kim, ana: User, now: datetime
) -> None:
    conversation = conversation_of(kim.writes(at=now))
    notes = [noting.note(conversation=conversation, text=f"{n}", by=ana, at=now) for n in range(6)]
    for note in (*notes[:5], notes[0]):
        pinning.pin(note=note, by=ana, at=now)
    with pytest.raises(DeskError, match="5 notes are pinned already"):
        pinning.pin(note=notes[5], by=ana, at=now)
    assert Event.objects.filter(kind="pinned").count() == 5


def test_the_handover_lists_what_the_colleague_promised_and_did_not_keep_yet(
    kim: Kim, ana: User, sign_in: SignIn, now: datetime
) -> None:
    ben = people.ben(ana.teams.get())
    conversation = conversation_of(kim.writes(at=now - timedelta(days=1)))
    replying.reply(
        conversation=conversation, text="I call you by Friday", by=ana, session_key="s", at=now
    )
    said = Message.objects.get(direction="outbound")
    pledging.pledge(
        message=said, words="call you by Friday", due_at=now + timedelta(days=2), by=ana, at=now
    )
    Message.objects.filter(pk=said.pk).update(
        state="sent", posted_at=now, external_id="out-1", not_before=None
    )
    assigning.assign(conversation=conversation, to=ben, by=ana, at=now)
    page = sign_in(ben).get(f"/conversations/{conversation.pk}/").text
    [_, card] = page.split('id="handover"')
    assert "Handed over from Ana" in card
    assert "call you by Friday" in card.split("</section>")[0]
    assert "promised by" in card.split("</section>")[0]
