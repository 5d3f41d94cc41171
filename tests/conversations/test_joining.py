"""Threads that turn out to be one: what becomes of replies, decisions and drafts in both."""

import pytest

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, Draft, Message
from apps.conversations.operations import drafting, replying, resolving
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, ana, arrive, brand_says, conversation_of, minutes

pytestmark = pytest.mark.django_db

LATER = NOON + minutes(10)


def two_of_one_thread(channel: Channel) -> tuple[Conversation, Conversation]:
    kim = Kim(channel)
    older = kim.writes("left", at=NOON, external_id="20", parent_id="11")
    newer = kim.writes("right", at=NOON + minutes(1), external_id="30", parent_id="12")
    return conversation_of(older), conversation_of(newer)


def join(channel: Channel) -> None:
    """Our own post in between says that both are one thread, and wakes nobody."""
    between = brand_says(channel, "hi", at=NOON - minutes(1), parent_id="11", external_id="12")
    arrive(channel, between, at=LATER)


def replied(conversation: Conversation, *, by: User) -> Message:
    return replying.reply(
        conversation=conversation, text="Hi Kim", by=by, session_key="s", at=NOON + minutes(2)
    )


def test_a_join_is_told_to_who_looks_at_the_conversation_that_ends_in_another() -> None:
    channel = a_channel()
    older, newer = two_of_one_thread(channel)
    join(channel)
    event = Event.objects.get(kind="merged")
    assert (event.conversation_id, event.data) == (newer.pk, {"into": older.pk})
    assert event.at == LATER


def test_replies_in_flight_in_both_stay_on_their_way_and_only_one_of_them_in_flight() -> None:
    agent, channel = ana(), a_channel()
    older, newer = two_of_one_thread(channel)
    for conversation in (older, newer):
        replied(conversation, by=agent)
    Message.objects.filter(direction="outbound").update(
        state="in_flight", attempted_at=LATER, attempts=1
    )
    join(channel)
    outbound = older.messages.filter(origin="desk").order_by("id")
    assert [message.state for message in outbound] == ["in_flight", "unknown"]
    assert outbound[1].not_before == LATER


def test_a_reply_queued_in_a_conversation_that_ends_in_another_can_still_be_taken_back() -> None:
    agent, channel = ana(), a_channel()
    older, newer = two_of_one_thread(channel)
    message = replied(newer, by=agent)
    join(channel)
    replying.undo(message=message, by=agent, at=LATER)
    assert Draft.objects.get().conversation == older


def test_an_emptied_draft_is_forgotten_where_its_conversation_went() -> None:
    agent, channel = ana(), a_channel()
    _, newer = two_of_one_thread(channel)
    drafting.save_draft(conversation=newer, text="Hi Kim", by=agent, at=LATER)
    join(channel)
    newer.refresh_from_db()
    drafting.save_draft(conversation=newer, text="", by=agent, at=LATER)
    assert not Draft.objects.exists()


def test_a_resolve_taken_back_before_the_join_is_not_mixed_up_with_the_others() -> None:
    agent, channel = ana(), a_channel()
    older, newer = two_of_one_thread(channel)
    resolving.resolve(conversation=older, by=agent, at=NOON + minutes(2), no_reply_needed="thanks")
    resolving.resolve(conversation=newer, by=agent, at=NOON + minutes(3), no_reply_needed="thanks")
    resolving.undo_resolve(conversation=older, by=agent, at=NOON + minutes(4))
    join(channel)
    assert Clock.objects.get(kind="resolution").stopped_at == NOON + minutes(3)


def test_taking_back_the_resolve_of_two_that_were_joined_takes_back_both() -> None:
    agent, channel = ana(), a_channel()
    older, newer = two_of_one_thread(channel)
    for conversation in (newer, older):
        resolving.resolve(
            conversation=conversation, by=agent, at=NOON + minutes(2), no_reply_needed="thanks"
        )
    join(channel)
    resolving.undo_resolve(conversation=older, by=agent, at=LATER)
    older.refresh_from_db()
    assert (older.state, older.contact, older.waiting_since) == ("open", 1, NOON)
    assert not Clock.objects.filter(stopped_at__isnull=False).exists()


def test_taking_back_a_resolve_after_the_join_leaves_the_contacts_before_it_closed() -> None:
    agent, channel = ana(), a_channel()
    older, newer = two_of_one_thread(channel)
    for conversation in (newer, older):
        resolving.resolve(
            conversation=conversation, by=agent, at=NOON + minutes(2), no_reply_needed="thanks"
        )
    join(channel)
    Kim(channel).writes("again", at=LATER, parent_id="20")
    resolving.resolve(conversation=older, by=agent, at=LATER + minutes(1), no_reply_needed="thanks")
    resolving.undo_resolve(conversation=older, by=agent, at=LATER + minutes(2))
    older.refresh_from_db()
    assert (older.contact, older.waiting_since) == (2, LATER)
    first = Clock.objects.get(kind="resolution", contact=1)
    assert first.stopped_at == NOON + minutes(2)
