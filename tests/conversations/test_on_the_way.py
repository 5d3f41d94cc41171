"""What comes in while a reply is on its way, before the desk knows its id there."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.channels.models import Channel
from apps.conversations.models import Clock, Message, Placeholder, Thread
from apps.conversations.operations import replying, sending
from apps.conversations.operations.receiving import Arrival, receive
from apps.ledger.models import Event
from apps.square import operations as square
from apps.square.models import Person, Post
from tests.people import Kim, arrive, brand_says, conversation_of, minutes
from tests.practice import asked_on_square, reply, without_undo

pytestmark = pytest.mark.django_db(transaction=True)


def posted_by_a_worker_that_died(message: Message) -> Post:
    """The post is up, and the desk does not know it."""
    began = timezone.now() - timedelta(seconds=100)
    Message.objects.filter(id=message.pk).update(
        state="unknown", attempted_at=began, not_before=began, attempts=1
    )
    return square.post(
        author=Person.objects.get(is_brand=True),
        text=message.text,
        parent=Post.objects.get(id=int(message.parent_id_there or 0)),
        at=timezone.now(),
        idempotency_key=f"{message.pk}-{int(message.received_at.timestamp())}",
    )


def kim_writes_again(channel: Channel, asked: Message, text: str) -> Message:
    author = Person.objects.get(is_brand=False)
    parent = Post.objects.get(id=int(asked.external_id or 0))
    post = square.post(author=author, text=text, parent=parent, at=timezone.now())
    return Kim(channel, author_id=author.external_id).writes(
        text, at=post.created_at, external_id=post.external_id, parent_id=asked.external_id
    )


def test_an_answer_to_a_reply_whose_id_is_not_known_yet_ends_in_its_conversation(
    channel: Channel,
) -> None:
    asked = asked_on_square(channel)
    post = posted_by_a_worker_that_died(reply(asked, by=without_undo()))
    assert asked.identity is not None
    kim = Kim(channel, author_id=asked.identity.external_id)
    answer = kim.writes(
        "it still drops", at=post.created_at + minutes(1), parent_id=post.external_id
    )
    assert conversation_of(answer) != conversation_of(asked)

    sending.resolve_unknown(at=timezone.now())
    assert conversation_of(answer) == conversation_of(asked)
    assert (Thread.objects.count(), Placeholder.objects.count()) == (1, 0)
    assert conversation_of(asked).waiting_since == answer.posted_at
    waits = Clock.objects.exclude(kind="resolution").order_by("started_at")
    assert [(clock.kind, clock.stopped_at) for clock in waits] == [
        ("first_response", post.created_at),
        ("next_response", None),
    ]


def test_our_own_post_under_a_reply_whose_id_is_not_known_yet_ends_in_its_conversation(
    channel: Channel,
) -> None:
    asked = asked_on_square(channel)
    post = posted_by_a_worker_that_died(reply(asked, by=without_undo()))
    more = brand_says(
        channel, "2/2", at=post.created_at, parent_id=post.external_id, external_id="more"
    )
    arrive(channel, more, at=timezone.now())
    assert Message.objects.get(external_id="more").conversation is None
    sending.resolve_unknown(at=timezone.now())
    assert Message.objects.get(external_id="more").conversation == conversation_of(asked)


def test_an_echo_that_arrives_at_the_moment_of_acceptance_is_never_set_aside(
    channel: Channel,
) -> None:
    """Whoever comes second must see what the first one wrote."""
    asked = asked_on_square(channel)
    message = reply(asked, by=without_undo())
    post = posted_by_a_worker_that_died(message)
    echo = brand_says(
        channel,
        message.text,
        at=post.created_at,
        parent_id=asked.external_id,
        external_id=post.external_id,
    )
    accepted, seen = threading.Event(), threading.Event()

    def accept_slowly() -> None:
        with transaction.atomic():
            sending.resolve_unknown(at=timezone.now())
            accepted.set()
            seen.wait(0.5)
        connection.close()

    with ThreadPoolExecutor(1) as worker:
        slow = worker.submit(accept_slowly)
        accepted.wait(10)
        received = receive([Arrival(channel, echo)], at=timezone.now())
        seen.set()
        slow.result()
    assert (received.known, received.stored) == (1, 0)


def test_what_came_in_after_the_author_decided_is_not_buried_by_the_reply(
    channel: Channel,
) -> None:
    agent = without_undo()
    asked = asked_on_square(channel)
    message = reply(asked, by=agent)
    unread = kim_writes_again(channel, asked, "wait, it works")
    sending.send_due()
    message.refresh_from_db()
    assert message.state == "sent"
    conversation = conversation_of(asked)
    assert (conversation.waiting_since, conversation.unseen_since) == (None, unread.received_at)

    reply(asked, "Glad to hear it ^AB", by=agent)
    sending.send_due()
    conversation.refresh_from_db()
    assert (conversation.waiting_since, conversation.unseen_since) == (None, None)


def test_a_network_that_never_answers_clearly_hands_the_decision_to_the_author(
    channel: Channel,
) -> None:
    message = reply(asked_on_square(channel), by=without_undo())
    Message.objects.filter(id=message.pk).update(
        state="unknown",
        attempts=sending.MOST_ATTEMPTS,
        attempted_at=timezone.now() - timedelta(seconds=100),
        not_before=timezone.now(),
    )
    sending.resolve_unknown(at=timezone.now())
    message.refresh_from_db()
    assert message.state == "needs_author"


def test_a_reply_whose_worker_fell_silent_is_told_to_open_pages(channel: Channel) -> None:
    message = reply(asked_on_square(channel), by=without_undo())
    began = timezone.now()
    Message.objects.filter(id=message.pk).update(state="in_flight", attempted_at=began)
    assert sending.settle_silent(at=began + timedelta(seconds=61)) == 1
    assert Event.objects.get(kind="unknown").message_id == message.pk


def test_a_reply_that_waits_behind_another_is_not_due(channel: Channel) -> None:
    agent = without_undo()
    asked = asked_on_square(channel)
    first = reply(asked, "first", by=agent)
    reply(asked, "second", by=agent)
    now = timezone.now()
    assert sending.oldest_due(at=now) == first.not_before
    Message.objects.filter(id=first.pk).update(state="needs_author")
    assert sending.oldest_due(at=now) is None
    replying.discard(message=first, by=agent, at=now)
    assert sending.oldest_due(at=now) is not None
