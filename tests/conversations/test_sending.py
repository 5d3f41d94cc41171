"""Replies on their way out, over real HTTP to Square or to a network that misbehaves."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from apps.channels.models import Channel
from apps.conversations.models import Clock, Message
from apps.conversations.operations import replying, sending
from apps.square import operations as square
from apps.square.models import Person, Post
from tests.people import ana, arrive, brand_says
from tests.practice import asked_on_square, reply, without_undo

pytestmark = pytest.mark.django_db(transaction=True)


class Front(BaseHTTPRequestHandler):
    """A network's front door that does what a test says with each request."""

    behaviour: Callable[["Front", bytes], None]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).behaviour(self, body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def front_door(behaviour: Callable[[Front, bytes], None]) -> Iterator[str]:
    handler = type("Handler", (Front,), {"behaviour": staticmethod(behaviour)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/square"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_reply_appears_on_square_and_stops_the_clock_at_the_networks_acceptance(
    channel: Channel,
) -> None:
    agent = without_undo()
    message = reply(asked_on_square(channel), by=agent)
    assert sending.send_due() == 1

    message.refresh_from_db()
    post = Post.objects.get(author__is_brand=True)
    assert (message.state, message.external_id) == ("sent", post.external_id)
    assert (post.text, post.parent_id) == (message.text, Post.objects.earliest("id").pk)
    clock = Clock.objects.get(kind="first_response")
    assert clock.stopped_at == message.posted_at == post.created_at
    assert (clock.credited_to, clock.reply) == (agent, message)


def test_nothing_leaves_before_the_undo_time_is_over(channel: Channel) -> None:
    reply(asked_on_square(channel), by=ana(undo_seconds=30))
    assert sending.send_due() == 0


def test_a_network_that_is_down_is_tried_again_and_gets_the_reply_once(channel: Channel) -> None:
    agent = without_undo()
    address = channel.base_url
    Channel.objects.update(base_url="http://127.0.0.1:9/square")
    message = reply(asked_on_square(channel), by=agent)
    sending.send_due()
    message.refresh_from_db()
    assert message.state == "retry"
    assert message.not_before is not None
    assert message.not_before > timezone.now()

    Channel.objects.update(base_url=address)
    Message.objects.filter(state="retry").update(not_before=timezone.now())
    sending.send_due()
    assert Post.objects.filter(author__is_brand=True).count() == 1


def test_a_network_that_says_no_leaves_the_decision_to_the_author(channel: Channel) -> None:
    agent = without_undo()
    message = reply(asked_on_square(channel), by=agent)
    Message.objects.filter(id=message.pk).update(parent_id_there="999999")
    sending.send_due()
    message.refresh_from_db()
    assert message.state == "refused"
    assert message.error
    draft = replying.discard(message=message, by=agent, at=timezone.now())
    assert draft.text == message.text


def test_an_answer_that_got_lost_is_found_by_asking_and_never_sent_twice(
    channel: Channel,
) -> None:
    agent = without_undo()
    address = channel.base_url

    def take_and_hang_up(request: Front, body: bytes) -> None:
        headers = {
            name: request.headers[name]
            for name in ("authorization", "idempotency-key", "content-type")
        }
        httpx.post(f"{address}/api/posts", content=body, headers=headers)
        request.connection.close()

    message = reply(asked_on_square(channel), by=agent)
    with front_door(take_and_hang_up) as door:
        Channel.objects.update(base_url=door)
        sending.send_due()
    message.refresh_from_db()
    assert message.state == "unknown"
    assert Clock.objects.get(kind="first_response").stopped_at is None

    Channel.objects.update(base_url=address)
    assert sending.resolve_unknown(at=timezone.now()) == 0
    assert sending.resolve_unknown(at=timezone.now() + timedelta(seconds=91)) == 1
    message.refresh_from_db()
    [post] = Post.objects.filter(author__is_brand=True)
    assert (message.state, message.posted_at) == ("sent", post.created_at)
    assert Clock.objects.get(kind="first_response").stopped_at == post.created_at


@pytest.mark.parametrize("status", [500, 502, 408])
def test_an_unclear_answer_is_unknown_and_sent_again_only_after_asking(
    channel: Channel, status: int
) -> None:
    agent = without_undo()
    address = channel.base_url

    def answer(request: Front, body: bytes) -> None:
        request.send_response(status)
        request.send_header("content-length", "0")
        request.end_headers()

    message = reply(asked_on_square(channel), by=agent)
    with front_door(answer) as door:
        Channel.objects.update(base_url=door)
        sending.send_due()
        sending.send_due()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("unknown", 1)

    Channel.objects.update(base_url=address)
    later = timezone.now() + timedelta(seconds=91)
    sending.resolve_unknown(at=later)
    Message.objects.filter(state="retry").update(not_before=timezone.now())
    sending.send_due()
    message.refresh_from_db()
    assert message.state == "sent"
    assert Post.objects.filter(author__is_brand=True).count() == 1


def test_a_worker_that_fell_silent_leaves_the_reply_unknown_until_the_network_was_asked(
    channel: Channel,
) -> None:
    message = reply(asked_on_square(channel), by=without_undo())
    began = timezone.now()
    Message.objects.filter(id=message.pk).update(state="in_flight", attempted_at=began, attempts=1)
    assert sending.settle_silent(at=began + timedelta(seconds=59)) == 0
    assert sending.settle_silent(at=began + timedelta(seconds=61)) == 1
    assert sending.resolve_unknown(at=began + timedelta(seconds=91)) == 1
    Message.objects.filter(state="retry").update(not_before=began)
    sending.send_due()
    message.refresh_from_db()
    assert message.state == "sent"


def test_replies_of_one_conversation_go_out_in_order_and_wait_for_the_author(
    channel: Channel,
) -> None:
    agent = without_undo()
    asked = asked_on_square(channel)
    first = reply(asked, "first", by=agent)
    reply(asked, "second", by=agent)
    Message.objects.filter(id=first.pk).update(state="needs_author")
    assert sending.send_due() == 0
    replying.discard(message=first, by=agent, at=timezone.now())
    assert sending.send_due() == 1
    assert Post.objects.get(author__is_brand=True).text == "second"


def test_many_workers_at_once_send_each_reply_once_and_in_order(channel: Channel) -> None:
    agent = ana(undo_seconds=0, capacity=50)
    for n in range(8):
        asked = asked_on_square(channel, handle=f"person{n}")
        for part in range(3):
            reply(asked, f"{n}: part {part}", by=agent)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: _send_until_done(), range(4)))
    posts = list(Post.objects.filter(author__is_brand=True).order_by("id"))
    assert len(posts) == 24
    for n in range(8):
        mine = [post.text for post in posts if post.text.startswith(f"{n}:")]
        assert mine == [f"{n}: part {part}" for part in range(3)]


def test_our_own_echo_waits_while_the_reply_is_in_flight_and_is_then_known(
    channel: Channel,
) -> None:
    from apps.intake import operations as intake
    from apps.intake.models import SetAside
    from apps.square.wire import notice

    agent = without_undo()
    asked = asked_on_square(channel)
    message = reply(asked, by=agent)
    began = timezone.now()
    Message.objects.filter(id=message.pk).update(state="in_flight", attempted_at=began, attempts=1)
    post = square.post(
        author=Person.objects.get(is_brand=True),
        text=message.text,
        parent=Post.objects.get(id=int(asked.external_id or 0)),
        at=began,
        idempotency_key=f"{message.pk}-{int(message.received_at.timestamp())}",
    )
    intake.keep(channel=channel, body=notice(post, mentions=[]), at=began)
    intake.drain()
    assert SetAside.objects.get().reason == "echo"
    assert Message.objects.count() == 2

    sending.resolve_unknown(at=_after_lease(began))
    intake.retry_echoes(at=timezone.now() + timedelta(seconds=5))
    assert Message.objects.count() == 2
    assert not SetAside.objects.filter(settled_at__isnull=True).exists()
    message.refresh_from_db()
    assert (message.state, message.external_id) == ("sent", post.external_id)


def test_a_post_of_ours_that_came_in_first_becomes_one_with_the_reply(channel: Channel) -> None:
    agent = without_undo()
    asked = asked_on_square(channel)
    message = reply(asked, by=agent)
    sending_brand = Person.objects.get(is_brand=True)
    post = square.post(
        author=sending_brand,
        text=message.text,
        parent=Post.objects.get(id=int(asked.external_id or 0)),
        at=timezone.now(),
        idempotency_key=f"{message.pk}-{int(message.received_at.timestamp())}",
    )
    echo = brand_says(
        channel,
        message.text,
        at=post.created_at,
        parent_id=asked.external_id,
        external_id=post.external_id,
    )
    arrive(channel, echo, at=timezone.now())
    assert Message.objects.filter(direction="outbound").count() == 2
    sending.send_due()
    message.refresh_from_db()
    assert message.state == "sent"
    assert Message.objects.filter(direction="outbound").count() == 1
    assert Clock.objects.get(kind="first_response").credited_to == agent


def _after_lease(began: datetime) -> datetime:
    sending.settle_silent(at=began + timedelta(seconds=61))
    return began + timedelta(seconds=91)


def _send_until_done() -> None:
    try:
        while Message.objects.filter(state__in=["queued", "in_flight"]).exists():
            sending.send_due()
    finally:
        connection.close()
