"""What comes in: 2xx exactly when it is kept, and a clear answer to everything else."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from standardwebhooks import Webhook

from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.conversations.operations.locking import lock_channels
from apps.intake import operations
from apps.intake.models import Delivery, SetAside
from apps.ledger.models import Event
from tests.people import SECRET, a_channel, ana, minutes


def a_post(number: int | str = 1, **fields: object) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "author": {"id": "u1", "handle": "kim", "name": "Kim Lee"},
        "text": "@acme my router drops every evening",
        "created_at": "2026-03-02T12:00:00.000000Z",
        "parent_id": None,
        "root_id": f"p{number}",
        "language": "en",
        "mentions": ["brand-@acme"],
        "url": "http://127.0.0.1/square/p/1/",
        **fields,
    }


def body_of(*posts: dict[str, object]) -> bytes:
    return json.dumps({"type": "posts.created", "posts": posts}).encode()


def signed(body: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    at = at or timezone.now()
    return {
        "webhook-id": "n1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("n1", at, body.decode("latin-1")),
        "content-type": "application/json",
    }


def hand_in(channel: Channel, body: bytes, **headers: str) -> int:
    response = Client().generic(
        "POST", f"/hooks/{channel.pk}/", body, headers=headers or signed(body)
    )
    return response.status_code


@pytest.mark.django_db
def test_a_signed_post_is_kept_and_drained_into_a_conversation() -> None:
    channel = a_channel()
    agent = ana()
    assert hand_in(channel, body_of(a_post())) == 202
    assert bytes(Delivery.objects.get().body) == body_of(a_post())
    operations.drain()
    conversation = Conversation.objects.get()
    assert conversation.assignee == agent
    assert conversation.waiting_since == datetime(2026, 3, 2, 12, tzinfo=UTC)
    channel.refresh_from_db()
    assert channel.last_delivery_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "n1"},
        {"webhook-id": "n1", "webhook-timestamp": "soon", "webhook-signature": "v1,AAAA"},
        {"webhook-id": "n1", "webhook-timestamp": "1", "webhook-signature": "v1,é"},
    ],
)
def test_a_wrong_signature_is_answered_401_and_stored_nowhere(headers: dict[str, str]) -> None:
    assert hand_in(a_channel(), b"{}", **{"x-nothing": "1", **headers}) == 401
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_signature_by_another_secret_or_too_old_is_refused() -> None:
    channel = a_channel()
    body = body_of(a_post())
    other = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA=="
    assert hand_in(channel, body, **signed(body, secret=other)) == 401
    assert hand_in(channel, body, **signed(body, at=datetime(2026, 1, 1, tzinfo=UTC))) == 401


@pytest.mark.django_db
def test_both_secrets_hold_while_one_is_being_replaced() -> None:
    body = body_of(a_post())
    channel = a_channel(previous_webhook_secret="whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA==")
    for secret in channel.webhook_secrets:
        assert hand_in(channel, body, **signed(body, secret=secret)) == 202


@pytest.mark.django_db
def test_a_body_over_a_megabyte_is_413() -> None:
    body = body_of(a_post(text="x" * 1_000_000))
    assert hand_in(a_channel(), body) == 413
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_an_unknown_channel_is_404_with_a_sentence() -> None:
    response = Client().post("/hooks/4711/", b"{}", content_type="application/json")
    assert response.status_code == 404
    assert "Check the webhook's address" in response.json()["detail"]


@pytest.mark.django_db
def test_get_is_405() -> None:
    assert Client().get(f"/hooks/{a_channel().pk}/").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"[1", b'"text"', b"null", b"[" * 90_000])
def test_a_broken_body_is_kept_and_set_aside_with_its_error(body: bytes) -> None:
    channel = a_channel()
    now = timezone.now()
    operations.keep(channel=channel, body=body, at=now)
    operations.drain()
    item = SetAside.objects.get()
    assert item.reason == "unreadable"
    assert item.error
    assert bytes(item.delivery.body) == body


@pytest.mark.django_db
def test_one_poisonous_item_leaves_the_batch_around_it_unharmed() -> None:
    channel = a_channel()
    now = timezone.now()
    for n in range(5):
        operations.keep(channel=channel, body=body_of(a_post(n)), at=now)
    operations.keep(
        channel=channel,
        body=body_of(a_post(90), a_post("a\0b"), a_post(91, created_at="yesterday"), a_post(92)),
        at=now,
    )
    operations.drain()
    assert Message.objects.count() == 7
    assert list(SetAside.objects.order_by("id").values_list("position", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_what_only_the_database_refuses_is_found_by_halving_and_set_aside_alone() -> None:
    channel = a_channel()
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE conversations_message ADD CHECK (text <> 'poison')")
    bodies = [body_of(a_post(n)) for n in range(20)]
    bodies[13] = body_of(a_post(13, text="poison"))
    for body in bodies:
        operations.keep(channel=channel, body=body, at=now)
    operations.drain()
    assert Message.objects.count() == 19
    item = SetAside.objects.get()
    assert (item.reason, bytes(item.delivery.body)) == ("refused", bodies[13])


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_waited_in_vain_for_a_lock_is_no_poison_and_is_taken_in_later() -> None:
    channel = a_channel()
    operations.keep(channel=channel, body=body_of(a_post()), at=timezone.now())
    taken, given_up = threading.Event(), threading.Event()

    def receive_slowly() -> None:
        with transaction.atomic():
            lock_channels([channel.pk])
            taken.set()
            given_up.wait(10)
        connection.close()

    with ThreadPoolExecutor(1) as elsewhere, connection.cursor() as cursor:
        slow = elsewhere.submit(receive_slowly)
        taken.wait(10)
        cursor.execute("SET lock_timeout = '100ms'")
        try:
            with pytest.raises(OperationalError):
                operations.drain()
        finally:
            given_up.set()
            cursor.execute("RESET lock_timeout")
        slow.result()
    assert not SetAside.objects.exists()
    operations.drain()
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_nuls_and_lone_surrogates_in_texts_become_replacement_characters() -> None:
    channel = a_channel()
    body = body_of(a_post(1, text="PLACE")).replace(b"PLACE", b"a\\u0000b\\ud800c")
    operations.keep(channel=channel, body=body, at=timezone.now())
    operations.drain()
    assert Message.objects.get().text == "a\ufffdb\ufffdc"


@pytest.mark.django_db
def test_a_word_of_100000_characters_is_stored_whole() -> None:
    channel = a_channel()
    operations.keep(channel=channel, body=body_of(a_post(text="x" * 100_000)), at=timezone.now())
    operations.drain()
    assert len(Message.objects.get().text) == 100_000


@pytest.mark.django_db
def test_a_set_aside_item_is_taken_in_by_retry_once_its_cause_is_gone() -> None:
    channel = a_channel()
    now = timezone.now()
    delivery_id = operations.keep(channel=channel, body=b"{", at=now)
    operations.drain()
    item = SetAside.objects.get()
    agent = ana()
    assert operations.retry(set_aside=item, by=agent, at=now) is False
    Delivery.objects.filter(id=delivery_id).update(body=body_of(a_post()))
    assert operations.retry(set_aside=item, by=agent, at=now) is True
    item.refresh_from_db()
    assert item.settled_at is not None
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_retry_of_one_item_leaves_the_others_of_its_delivery_alone() -> None:
    now = timezone.now()
    operations.keep(channel=a_channel(), body=body_of(a_post("a\0b"), a_post("c\0d")), at=now)
    operations.drain()
    second = SetAside.objects.get(position=1)
    assert operations.retry(set_aside=second, by=ana(), at=now + minutes(1)) is False
    assert SetAside.objects.get(position=0).at < now + minutes(1)
    assert Event.objects.filter(kind="set_aside").count() == 3


@pytest.mark.django_db
def test_a_delivery_unreadable_as_a_whole_is_taken_in_as_a_whole_by_retry() -> None:
    now = timezone.now()
    delivery_id = operations.keep(channel=a_channel(), body=b"{", at=now)
    operations.drain()
    Delivery.objects.filter(id=delivery_id).update(body=body_of(a_post(1), a_post(2)))
    assert operations.retry(set_aside=SetAside.objects.get(), by=ana(), at=now) is True
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_a_delivery_its_connector_fails_on_stops_no_other() -> None:
    """Here because the desk no longer speaks its network."""
    now = timezone.now()
    gone = a_channel("@gone")
    operations.keep(channel=gone, body=body_of(a_post(1)), at=now)
    operations.keep(channel=a_channel(), body=body_of(a_post(2)), at=now)
    Channel.objects.filter(id=gone.pk).update(network="gone")
    operations.drain()
    assert Message.objects.get().external_id == "p2"
    assert SetAside.objects.get().delivery.channel == gone


@pytest.mark.django_db
def test_each_batch_is_received_at_its_own_instant() -> None:
    channel = a_channel()
    for n in range(3):
        operations.keep(channel=channel, body=body_of(a_post(n)), at=timezone.now())
    assert operations.drain(most=1) == 3
    assert Message.objects.values("received_at").distinct().count() == 3


@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_copies_make_one_message(live_server: LiveServer) -> None:
    channel = a_channel()
    body = body_of(a_post())

    def send(_: int) -> int:
        url = f"{live_server.url}/hooks/{channel.pk}/"
        return httpx.post(url, content=body, headers=signed(body), timeout=30).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(send, range(50))) == {202}
        drains = list(pool.map(lambda _: _drain_in_its_own_connection(), range(4)))
    assert sum(drains) == 50
    assert Message.objects.count() == 1
    assert Conversation.objects.count() == 1


def _drain_in_its_own_connection() -> int:
    try:
        return operations.drain()
    finally:
        connection.close()
