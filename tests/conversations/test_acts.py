"""What the schema itself makes impossible: a text that no person decided to send."""

from datetime import datetime
from hashlib import sha256

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.models import Act, ActPart, Message
from apps.conversations.operations import replying
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, ana, ben, conversation_of, minutes

pytestmark = pytest.mark.django_db


def _replied(by: User, text: str = "Hi Kim, on it ^AB", at: datetime = NOON) -> Message:
    conversation = conversation_of(Kim(a_channel()).writes(at=at))
    return replying.reply(
        conversation=conversation, text=text, by=by, session_key="s", at=at + minutes(1)
    )


def _refused(**changes: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Message.objects.filter(act__isnull=False).update(**changes)


def test_a_reply_names_who_decided_in_which_session_and_the_hash_of_the_text() -> None:
    agent = ana()
    message = _replied(agent)
    act = Act.objects.get()
    assert (act.user, act.at) == (agent, NOON + minutes(1))
    assert act.session_hash == sha256(b"s").hexdigest()
    assert act.parts.get().text_sha256 == sha256(message.text.encode()).hexdigest()


def test_a_text_cannot_change_after_its_act() -> None:
    _replied(ana())
    _refused(text="something nobody wrote")


def test_an_act_cannot_be_borrowed_for_another_author() -> None:
    agent, colleague = ana(), ben()
    _replied(agent)
    _refused(author=colleague)


def test_an_outbound_message_from_the_desk_needs_an_act() -> None:
    _replied(ana())
    _refused(act=None, act_part=None)


def test_an_inbound_message_cannot_have_an_act() -> None:
    message = _replied(ana())
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(direction="inbound").update(act=message.act, act_part=1)


def test_one_act_sends_one_text_once() -> None:
    message = _replied(ana())
    message.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


def test_a_deactivated_user_cannot_act() -> None:
    agent = ana()
    User.objects.update(is_active=False)
    with pytest.raises(DatabaseError, match="active user"):
        Act.objects.create(user=agent, session_hash="0" * 64, at=NOON)


def test_an_act_needs_a_session() -> None:
    with pytest.raises(IntegrityError):
        Act.objects.create(user=ana(), session_hash="", at=NOON)


def test_a_decision_outside_of_any_session_is_refused() -> None:
    conversation = conversation_of(Kim(a_channel()).writes())
    with pytest.raises(DeskError, match="Sign in again"):
        replying.reply(conversation=conversation, text="Hi", by=ana(), session_key="", at=NOON)


def test_an_act_can_be_voided_once_and_never_changed_or_deleted() -> None:
    _replied(ana())
    Act.objects.update(voided_at=NOON)
    for change in ({"voided_at": None}, {"at": NOON}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Act.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM conversations_act")


def test_the_parts_of_an_act_never_change() -> None:
    _replied(ana())
    with pytest.raises(DatabaseError), transaction.atomic():
        ActPart.objects.update(text_sha256="0" * 64)


def test_the_ledger_refuses_update_and_delete() -> None:
    _replied(ana())
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.update(kind="nothing happened")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_event")
    assert Event.objects.filter(kind="replied").exists()


def test_only_replying_writes_acts() -> None:
    """The word is searched for, so that a second path cannot slip in."""
    from pathlib import Path

    writers = {
        path.name
        for folder in ("apps", "socialdesk")
        for path in Path(folder).rglob("*.py")
        if "Act.objects.create" in path.read_text()
        or "Act(" in path.read_text().replace("class Act(", "")
    }
    assert writers == {"replying.py"}
