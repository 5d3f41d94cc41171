"""Copies of one message that differ, edits, and what was deleted on its network."""

from datetime import datetime

import pytest
from django.db import connection

from apps.channels.connector import Removal, Surface
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, Message, Thread
from apps.conversations.operations.receiving import Arrival, Departure, receive
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, arrive, brand_says, conversation_of, minutes

pytestmark = pytest.mark.django_db


def stored(external_id: str) -> Message:
    return Message.objects.get(external_id=external_id)


def says(
    channel: Channel, text: str = "it drops", *, at: datetime = NOON, **fields: object
) -> Arrival:
    return Arrival(channel, Kim(channel).says(text, at=at, external_id="1", **fields))


def gone(channel: Channel, external_id: str = "1", *, minute: float = 3) -> Departure:
    at = NOON + minutes(minute)
    return Departure(channel, Removal(external_id=external_id, deleted_at=at))


def test_a_copy_that_names_a_parent_joins_the_threads_and_places_our_answer() -> None:
    channel = a_channel()
    kim = Kim(channel)
    first = kim.writes(external_id="1")
    for parent in (None, "1"):
        answer = brand_says(
            channel, "we look", at=NOON + minutes(2), parent_id=parent, external_id="2"
        )
        arrive(channel, answer, at=NOON + minutes(3))
        assert stored("2").conversation_id == (first.conversation_id if parent else None)
    assert conversation_of(first).waiting_since is None
    assert stored("2").thread_id == first.thread_id


def test_an_answer_that_was_to_somebody_else_leaves_the_first_one_waiting() -> None:
    channel = a_channel()
    kim = Kim(channel).writes(external_id="1")
    lee = Kim(channel, author_id="lee", name="Lee").writes(external_id="2", parent_id="1")
    for parent in ("2", "1"):
        answer = brand_says(
            channel, "we look", at=NOON + minutes(2), parent_id=parent, external_id="3"
        )
        arrive(channel, answer, at=NOON + minutes(3))
    assert conversation_of(kim).waiting_since is None
    assert conversation_of(lee).waiting_since == NOON


def test_an_earlier_posted_at_moves_the_start_of_the_wait() -> None:
    channel = a_channel()
    for minute in (5, 2, 4):
        receive([says(channel, at=NOON + minutes(minute))], at=NOON + minutes(6))
    assert Conversation.objects.get().waiting_since == NOON + minutes(2)
    assert Event.objects.filter(kind="corrected").count() == 1


def test_being_found_first_and_addressed_later_begins_the_wait_and_wakes() -> None:
    channel = a_channel()
    receive([says(channel, surface=Surface.FOUND)], at=NOON)
    Conversation.objects.update(state="resolved")
    receive([says(channel, surface=Surface.MENTION)], at=NOON)
    present = Conversation.objects.get()
    assert (present.waiting_since, present.state) == (NOON, "open")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_latest_edit_is_what_is_read_and_the_customer_still_waits(
    order: tuple[int, ...],
) -> None:
    channel = a_channel()
    copies = [says(channel)] + [
        says(channel, f"edit {n}", edited_at=NOON + minutes(n)) for n in (1, 2)
    ]
    for one in order:
        receive([copies[one]], at=NOON + minutes(4))
    message = stored("1")
    assert (message.text, message.edited_at) == ("edit 2", NOON + minutes(2))
    assert conversation_of(message).waiting_since == NOON


@pytest.mark.parametrize("gone_first", [True, False])
def test_what_was_deleted_there_is_marked_and_its_wait_goes_on(*, gone_first: bool) -> None:
    channel = a_channel()
    if gone_first:
        receive([], gone=[gone(channel)], at=NOON)
    receive([says(channel)], at=NOON)
    receive([], gone=[gone(channel, minute=7), gone(channel)], at=NOON)
    message = stored("1")
    assert (message.deleted_at, message.text) == (NOON + minutes(3), "it drops")
    assert conversation_of(message).waiting_since == NOON
    assert Event.objects.filter(kind="deleted_there").count() == (0 if gone_first else 1)


def test_another_authors_account_of_a_message_changes_nothing() -> None:
    channel = a_channel()
    receive([says(channel)], at=NOON)
    forged = Kim(channel, author_id="eve").says(
        "send money", at=NOON, external_id="1", edited_at=NOON + minutes(1)
    )
    arrive(channel, forged, at=NOON)
    assert stored("1").text == "it drops"


def test_an_identical_copy_writes_nothing() -> None:
    channel = a_channel()
    Kim(channel).writes(external_id="0")
    receive([says(channel, parent_id="0")], at=NOON)
    places, events = where_rows_lie(), Event.objects.count()
    assert receive([says(channel, parent_id="0")], at=NOON).known == 1
    assert (where_rows_lie(), Event.objects.count()) == (places, events)


def where_rows_lie() -> list[tuple[int, str]]:
    """A row that is written again lies elsewhere."""
    tables = (Message, Conversation, Thread, Clock)
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT id, ctid FROM {table._meta.db_table}" for table in tables)
        )
        return list(cursor.fetchall())
