"""The router and everybody else at work: who is given what, and who waits for whom."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from apps.agents.models import Presence, User
from apps.agents.operations import choose
from apps.conversations.models import Conversation
from apps.conversations.operations import resolving, routing
from apps.conversations.operations.receiving import Arrival, receive
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    ana,
    arrive,
    ben,
    brand_says,
    conversation_of,
    minutes,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_team_without_room_keeps_no_other_teams_customers_waiting() -> None:
    agent = ana(a_team("Care"), capacity=0)
    for n in range(3):
        Kim(a_channel(f"@sales{n}", team=a_team("Sales")), author_id=f"p{n}").writes(at=NOON)
    care = a_channel("@care", team=a_team("Care"))
    last = conversation_of(Kim(care).writes(at=NOON + minutes(5)))
    User.objects.update(capacity=5)
    assert routing.route_waiting(at=NOON + minutes(6), limit=2) == 1
    last.refresh_from_db()
    assert last.assignee == agent


def test_what_came_in_too_late_is_given_out_by_how_long_it_waits_too() -> None:
    agent = ana(capacity=0)
    channel = a_channel()
    asked = Kim(channel).writes(at=NOON, external_id="1")
    answer = brand_says(channel, "there", at=NOON + minutes(5), parent_id="1")
    arrive(channel, answer, at=NOON + minutes(5))
    late = Kim(channel).says("and", at=NOON + minutes(4), parent_id="1")
    arrive(channel, late, at=NOON + minutes(6))
    Kim(channel, author_id="newer").writes(at=NOON + minutes(7))
    User.objects.update(capacity=1)
    assert routing.route_waiting(at=NOON + minutes(8), limit=1) == 1
    assert conversation_of(asked).assignee == agent


def test_the_router_waits_for_nobody_who_has_a_conversation_in_hand() -> None:
    agent = ana(capacity=0)
    channel = a_channel()
    in_hand, free = (
        conversation_of(Kim(channel, author_id=who).writes()) for who in ("held", "free")
    )
    User.objects.update(capacity=5)
    with held(in_hand), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")
        try:
            assert routing.route_waiting(at=NOON + minutes(1)) == 1
        finally:
            cursor.execute("RESET lock_timeout")
    free.refresh_from_db()
    assert free.assignee == agent


def test_agents_are_locked_in_the_order_of_their_ids_also_where_work_reopens() -> None:
    """Whoever holds a later agent while waiting for an earlier one could wait for ever."""
    earlier, later = ana(capacity=0), ben()
    channel = a_channel()
    kim = Kim(channel)
    conversation = conversation_of(kim.writes(at=NOON, external_id="1"))
    assert conversation.assignee == later
    resolving.resolve(conversation=conversation, by=later, at=NOON, no_reply_needed="thanks")
    again = kim.says("again", at=NOON + minutes(1), parent_id="1")
    other = Kim(channel, author_id="other").says("help", at=NOON + minutes(1))

    def come_in() -> None:
        receive([Arrival(channel, again), Arrival(channel, other)], at=NOON + minutes(1))
        connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(id=earlier.pk)
            received = elsewhere.submit(come_in)
            _until_somebody_waits()
            User.objects.select_for_update(no_key=True, nowait=True).get(id=later.pk)
        received.result()


def test_a_router_that_waited_for_who_just_went_off_gives_them_nothing() -> None:
    agent = ana()
    kim = Kim(a_channel())

    def come_in() -> None:
        kim.writes(at=NOON + minutes(1), external_id="1")
        connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(id=agent.pk)
            received = elsewhere.submit(come_in)
            _until_somebody_waits()
            choose(user=agent, standing=Presence.Standing.OFF, at=NOON + minutes(1))
        received.result()
    assert Conversation.objects.get().assignee is None


def test_a_question_answered_elsewhere_at_once_reopens_like_one_that_came_before_its_answer() -> (
    None
):
    agent, channel = ana(), a_channel()
    kim = Kim(channel)
    conversation = conversation_of(kim.writes(at=NOON, external_id="1"))
    resolving.resolve(conversation=conversation, by=agent, at=NOON, no_reply_needed="thanks")
    arrive(
        channel,
        kim.says("again", at=NOON + minutes(1), external_id="2", parent_id="1"),
        brand_says(channel, "there", at=NOON + minutes(2), parent_id="2"),
        at=NOON + minutes(3),
    )
    conversation.refresh_from_db()
    assert (conversation.state, conversation.contact) == ("open", 2)
    assert conversation.waiting_since is None


def test_of_several_answers_made_elsewhere_the_newest_says_what_was_seen() -> None:
    channel = a_channel()
    kim = Kim(channel)
    asked = kim.writes(at=NOON, external_id="1")
    arrive(
        channel,
        brand_says(channel, "a", at=NOON + minutes(5), parent_id="1"),
        at=NOON + minutes(5),
    )
    arrive(channel, kim.says("late", at=NOON + minutes(4), parent_id="1"), at=NOON + minutes(6))
    assert conversation_of(asked).unseen_since == NOON + minutes(6)
    arrive(
        channel,
        brand_says(channel, "c", at=NOON + minutes(8), parent_id="1"),
        brand_says(channel, "b", at=NOON + minutes(3), parent_id="1"),
        at=NOON + minutes(9),
    )
    assert conversation_of(asked).unseen_since is None


@contextmanager
def held(conversation: Conversation) -> Iterator[None]:
    """Somebody else has the conversation in hand until the block ends."""
    with ThreadPoolExecutor(1) as elsewhere:

        def take() -> None:
            transaction.set_autocommit(False)
            Conversation.objects.select_for_update().get(id=conversation.pk)

        elsewhere.submit(take).result()
        try:
            yield
        finally:
            elsewhere.submit(lambda: connection.close()).result()


def _until_somebody_waits() -> None:
    end = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")
