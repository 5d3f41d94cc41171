from datetime import timedelta

import pytest

from apps.channels.connector import Surface
from apps.conversations.models import Clock, Conversation, Message, Placeholder, Thread
from apps.conversations.operations import resolving
from apps.customers.models import Customer, Identity
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    a_user,
    ana,
    arrive,
    ben,
    brand_says,
    conversation_of,
    minutes,
)

pytestmark = pytest.mark.django_db


def test_a_first_message_opens_a_conversation_a_clock_and_is_given_to_an_agent() -> None:
    agent = ana()
    message = Kim(a_channel()).writes(at=NOON)

    conversation = conversation_of(message)
    assert conversation.assignee == agent
    assert conversation.waiting_since == NOON
    assert conversation.assigned_because == "Least loaded on shift: 0 of 6 before this one."
    assert set(conversation.clocks.values_list("kind", "started_at", "stopped_at")) == {
        ("first_response", NOON, None),
        ("resolution", NOON, None),
    }


def test_the_same_message_twice_is_stored_once() -> None:
    channel = a_channel()
    said = Kim(channel).says("hello", at=NOON, external_id="1")
    arrive(channel, said, said, at=NOON)
    arrive(channel, said, at=NOON)
    assert Message.objects.count() == 1
    assert Clock.objects.count() == 2


def test_two_messages_of_one_thread_arriving_together_make_one_conversation() -> None:
    channel = a_channel()
    kim = Kim(channel)
    arrive(
        channel,
        kim.says("and again", at=NOON + minutes(1), external_id="2", parent_id="1"),
        kim.says("it drops", at=NOON, external_id="1"),
        at=NOON + minutes(2),
    )
    conversation = Conversation.objects.get()
    assert conversation.waiting_since == NOON
    assert conversation.last_message_at == NOON + minutes(1)
    assert Thread.objects.get().thread_key == "1"


def test_thirty_people_under_one_post_are_thirty_conversations() -> None:
    channel = a_channel()
    arrive(
        channel,
        *[
            Kim(channel, author_id=f"person{n}").says(
                "me too", at=NOON, external_id=str(10 + n), parent_id="5"
            )
            for n in range(30)
        ],
        at=NOON,
    )
    assert Conversation.objects.count() == 30
    assert Thread.objects.get().thread_key == "5"
    assert Placeholder.objects.get().external_id == "5"


def test_a_late_parent_takes_the_place_kept_for_it() -> None:
    channel = a_channel()
    kim = Kim(channel)
    kim.writes("second", at=NOON + minutes(1), external_id="2", parent_id="1")
    kim.writes("first", at=NOON, external_id="1")
    assert not Placeholder.objects.exists()
    assert Conversation.objects.get().waiting_since == NOON


def test_a_late_parent_joins_two_threads_and_their_conversations() -> None:
    channel = a_channel()
    kim = Kim(channel)
    older = conversation_of(kim.writes("left", at=NOON, external_id="20", parent_id="11"))
    newer = conversation_of(kim.writes("right", at=NOON, external_id="30", parent_id="12"))
    kim.writes("middle", at=NOON - minutes(1), external_id="12", parent_id="11")

    thread = Thread.objects.get()
    assert thread.thread_key == "11"
    newer.refresh_from_db()
    assert newer.merged_into == older
    assert older.messages.count() == 3
    assert Clock.objects.filter(kind="first_response").get().started_at == NOON - minutes(1)


def test_a_reply_from_a_phone_closes_the_wait_and_is_credited_by_its_signature() -> None:
    agent = ana()
    channel = a_channel()
    kim = Kim(channel)
    kim.writes(at=NOON, external_id="1")
    arrive(
        channel,
        brand_says(channel, "On it, Kim ^AB", at=NOON + minutes(3), parent_id="1"),
        at=NOON + minutes(4),
    )
    clock = Clock.objects.get(kind="first_response")
    assert (clock.customer_seconds, clock.stop) == (180, "reply")
    assert clock.credited_to == agent
    assert conversation_of(Message.objects.get(external_id="1")).waiting_since is None


def test_our_post_without_a_known_customer_is_context_until_the_customer_arrives() -> None:
    channel = a_channel()
    arrive(
        channel,
        brand_says(channel, "1/2", at=NOON + minutes(1), parent_id="1", external_id="2"),
        brand_says(channel, "2/2", at=NOON + minutes(2), parent_id="2", external_id="3"),
        at=NOON + minutes(2),
    )
    assert set(Message.objects.values_list("conversation", flat=True)) == {None}
    Kim(channel).writes(at=NOON, external_id="1")
    conversation = Conversation.objects.get()
    assert conversation.messages.count() == 3
    clock = Clock.objects.get(kind="first_response")
    assert clock.customer_seconds == 60


def test_the_newest_message_counts_as_the_last_one_even_where_it_opens_no_wait() -> None:
    channel = a_channel()
    kim = Kim(channel)
    kim.writes("seen you", at=NOON + minutes(2), surface=Surface.FOUND, external_id="2")
    kim.writes("first", at=NOON, surface=Surface.FOUND, external_id="1", parent_id="2")
    conversation = Conversation.objects.get()
    assert (conversation.waiting_since, conversation.last_message_at) == (None, NOON + minutes(2))
    kim.writes("again", at=NOON + minutes(5), surface=Surface.FOUND, parent_id="2")
    conversation.refresh_from_db()
    assert conversation.last_message_at == NOON + minutes(5)


def test_a_message_posted_before_our_reply_but_received_after_it_is_not_buried() -> None:
    channel = a_channel()
    kim = Kim(channel)
    first = kim.writes(at=NOON, external_id="1")
    arrive(
        channel,
        brand_says(channel, "try this", at=NOON + minutes(5), parent_id="1"),
        at=NOON + minutes(5),
    )
    kim.writes("one more thing", at=NOON + minutes(4), external_id="9", parent_id="1")
    conversation = conversation_of(first)
    assert conversation.waiting_since is None
    assert conversation.unseen_since == NOON + minutes(4)
    assert Clock.objects.get(kind="first_response").customer_seconds == 300


def test_an_answer_dated_before_a_late_message_reached_us_leaves_that_in_sight() -> None:
    """Its author may have seen it there or not, and a network's clock may be behind ours."""
    channel = a_channel()
    kim = Kim(channel)
    first = kim.writes(at=NOON, external_id="1")
    for posted, received in ((5, 5), (7, 10), (9, 11)):
        if received == 10:
            said = kim.says("one more thing", at=NOON + minutes(4), parent_id="1")
            arrive(channel, said, at=NOON + minutes(8))
        reply = brand_says(channel, f"so {posted}", at=NOON + minutes(posted), parent_id="1")
        arrive(channel, reply, at=NOON + minutes(received))
        expected = NOON + minutes(8) if received == 10 else None
        assert conversation_of(first).unseen_since == expected


def test_the_latest_of_our_posts_in_a_batch_says_that_what_came_late_was_seen() -> None:
    channel = a_channel()
    kim = Kim(channel)
    first = kim.writes(at=NOON, external_id="1")
    replies = [
        brand_says(channel, "so", at=NOON + minutes(n), parent_id="1", external_id=f"{n}")
        for n in (5, 9, 7)
    ]
    arrive(channel, replies[0], at=NOON + minutes(5))
    said = kim.says("one more thing", at=NOON + minutes(4), external_id="10", parent_id="1")
    arrive(channel, said, at=NOON + minutes(8))
    assert conversation_of(first).unseen_since == NOON + minutes(8)
    arrive(channel, *replies[1:], at=NOON + minutes(10))
    assert conversation_of(first).unseen_since is None


def test_any_order_of_arrival_ends_in_the_same_clocks() -> None:
    channels = [a_channel("@one"), a_channel("@two")]
    for channel, order in zip(channels, [(0, 1, 2, 3), (3, 1, 0, 2)], strict=True):
        kim = Kim(channel)
        said = [
            kim.says("a", at=NOON, external_id="1"),
            brand_says(channel, "b", at=NOON + minutes(2), parent_id="1", external_id="2"),
            kim.says("c", at=NOON + minutes(3), external_id="3", parent_id="2"),
            brand_says(channel, "d", at=NOON + minutes(9), parent_id="3", external_id="4"),
        ]
        for index in order:
            arrive(channel, said[index], at=NOON + minutes(10))
    clocks = [
        list(
            Clock.objects.filter(channel=channel)
            .order_by("kind", "position")
            .values_list("kind", "contact", "position", "customer_seconds")
        )
        for channel in channels
    ]
    assert clocks[0] == clocks[1]
    assert ("next_response", 1, 1, 360.0) in clocks[0]


def test_agents_are_never_given_more_than_their_capacity() -> None:
    ana(capacity=2)
    ben(capacity=1)
    channel = a_channel()
    for n in range(5):
        Kim(channel, author_id=f"p{n}").writes(at=NOON + timedelta(seconds=n))
    loads = sorted(
        Conversation.objects.values_list("assignee__name", flat=True), key=lambda name: name or ""
    )
    assert loads == [None, None, "Ana Bauer", "Ana Bauer", "Ben Wood"]


def test_only_the_team_that_answers_the_channel_is_given_its_conversations() -> None:
    ana(a_team("Other"))
    message = Kim(a_channel(team=a_team("Care"))).writes()
    assert conversation_of(message).assignee is None


def test_one_person_on_two_channels_of_a_network_is_one_customer() -> None:
    Kim(a_channel("@one")).writes()
    Kim(a_channel("@two")).writes()
    assert Customer.objects.count() == Identity.objects.count() == 1


def test_a_channel_may_have_any_number_a_database_can_give() -> None:
    Kim(a_channel(id=2**31 + 5)).writes()
    assert Conversation.objects.get().channel_id == 2**31 + 5


def test_a_customers_newest_name_is_kept_whatever_the_order() -> None:
    channel = a_channel()
    Kim(channel, name="Kim after the wedding").writes(at=NOON + minutes(5))
    Kim(channel, name="Kim before").writes(at=NOON)
    identity = Identity.objects.get()
    assert identity.name == "Kim after the wedding"
    assert identity.customer.first_seen_at == NOON


def test_a_name_still_borne_later_is_not_replaced_by_one_from_between() -> None:
    channel = a_channel()
    Kim(channel, name="Kim").writes(at=NOON)
    Kim(channel, name="Kim").writes(at=NOON + minutes(5))
    Kim(channel, name="Kim on holiday").writes(at=NOON + minutes(3))
    assert Identity.objects.get().name == "Kim"


@pytest.mark.parametrize(("signature", "known"), [("^AB", False), ("^ÉT", True), ("^BW", True)])
def test_only_a_signature_that_names_one_colleague_is_credited(
    signature: str, *, known: bool
) -> None:
    colleagues = [ana(), a_user("Abel Boon", team=a_team()), ben()]
    colleagues.append(a_user("Élodie Tran", team=a_team()))
    channel = a_channel()
    Kim(channel).writes(at=NOON, external_id="1")
    answer = brand_says(channel, f"there {signature}", at=NOON + minutes(1), parent_id="1")
    arrive(channel, answer, at=NOON + minutes(1))
    credited = Clock.objects.get(kind="first_response").credited_to
    assert (credited in colleagues) is known


def test_of_two_with_equal_loads_the_one_idle_longest_is_given_the_next() -> None:
    first, second = ana(), ben()
    channel = a_channel()
    given = []
    for n in range(4):
        at = NOON + minutes(n)
        conversation = conversation_of(Kim(channel, author_id=f"p{n}").writes(at=at))
        given.append(conversation.assignee)
        assert conversation.assignee is not None
        resolving.resolve(
            conversation=conversation, by=conversation.assignee, at=at, no_reply_needed="thanks"
        )
    assert given == [first, second, first, second]
