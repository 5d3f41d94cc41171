"""What becomes of a reply: accepted once, refused, to be tried again, or unknown."""

import socket
import time
from http.server import BaseHTTPRequestHandler

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from apps.channels.connector import ConnectorError, Failure, OutgoingMessage
from apps.channels.connectors.square.connector import SquareConnector
from apps.square import operations
from apps.square.models import Person, Post
from tests.channels.square.people import AcmesAccount
from tests.people import NOON
from tests.stub_network import Heard, says, stub_network

square = SquareConnector()


def reply(parent_id: str = "1", *, text: str = "Hi Kim ^AB", key: str = "m-1") -> OutgoingMessage:
    return OutgoingMessage(key=key, text=text, parent_id=parent_id)


def failure(account: AcmesAccount, message: OutgoingMessage) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        square.send(account, message)
    return caught.value


@pytest.fixture
def acme(transactional_db: None) -> Person:
    return operations.join(handle="acme", name="Acme Care", is_brand=True, at=NOON)


@pytest.fixture
def kims_post(acme: Person) -> Post:
    kim = operations.join(handle="kim", name="Kim Lee", at=NOON)
    return operations.post(author=kim, text="@acme hello?", at=NOON)


@pytest.fixture
def account(acme: Person, live_server: LiveServer) -> AcmesAccount:
    return AcmesAccount(
        account_id=acme.external_id,
        base_url=f"{live_server.url}/square",
        token=operations.issue_token(person=acme),
    )


def test_a_reply_is_on_square_once_however_often_it_is_sent(
    account: AcmesAccount, kims_post: Post
) -> None:
    message = reply(kims_post.external_id)
    assert square.find_sent(account, message) is None
    first = square.send(account, message)
    assert [square.send(account, message) for _ in range(3)] == [first] * 3
    assert square.find_sent(account, message) == first
    posted = Post.objects.get(parent=kims_post)
    assert (posted.external_id, posted.created_at) == (first.external_id, first.at)
    assert posted.text == "Hi Kim ^AB"


def test_what_square_refuses_names_the_reason(account: AcmesAccount, kims_post: Post) -> None:
    missing = failure(account, reply("999999999"))
    assert missing.failure is Failure.REFUSED
    assert "does not exist" in missing.reason
    long = failure(account, reply(kims_post.external_id, text="x" * 501))
    assert long.failure is Failure.REFUSED
    assert "501" in long.reason
    account.token = "another token"
    assert failure(account, reply(kims_post.external_id)).failure is Failure.REFUSED


def test_a_resolver_without_a_clear_answer_leaves_the_message_unknown(
    account: AcmesAccount,
) -> None:
    account.token = "another token"
    with pytest.raises(ConnectorError) as caught:
        square.find_sent(account, reply())
    assert caught.value.failure is Failure.UNKNOWN


def test_only_squares_own_words_say_that_nothing_was_sent() -> None:
    with (
        stub_network(says(404, b"<h1>Not Found</h1>")) as network,
        pytest.raises(ConnectorError) as caught,
    ):
        square.find_sent(AcmesAccount(base_url=network.url), reply())
    assert caught.value.failure is Failure.UNKNOWN


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        account = AcmesAccount(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert failure(account, reply()).failure is Failure.RETRY


def test_a_network_that_asks_to_wait_is_tried_again_after_that() -> None:
    with stub_network(says(429, retry_after="17")) as network:
        error = failure(AcmesAccount(base_url=network.url), reply())
    assert (error.failure, error.retry_after) == (Failure.RETRY, 17)


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504])
def test_after_these_answers_the_post_may_be_up(status: int) -> None:
    with stub_network(says(status)) as network:
        error = failure(AcmesAccount(base_url=network.url), reply())
    assert error.failure is Failure.UNKNOWN


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 422])
def test_after_these_answers_the_author_must_decide(status: int) -> None:
    with stub_network(says(status, b'{"detail": "because"}', location="/")) as network:
        error = failure(AcmesAccount(base_url=network.url), reply())
        assert len(network.heard) == 1
    assert (error.failure, error.reason) == (Failure.REFUSED, "because")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"[" * 100_000,
        b"x" * 1_100_000,
        b'{"id": 7, "created_at": "2026-03-02T12:00:00Z"}',
        b'{"id": "", "created_at": "2026-03-02T12:00:00Z"}',
        b'{"id": "7", "created_at": "soon"}',
        b'{"id": "7", "created_at": "2026-03-02T12:00:00"}',
    ],
)
def test_a_success_that_cannot_be_read_is_unknown(body: bytes) -> None:
    with stub_network(says(201, body)) as network:
        error = failure(AcmesAccount(base_url=network.url), reply())
    assert error.failure is Failure.UNKNOWN


def test_a_connection_that_breaks_after_writing_is_unknown() -> None:
    def hang_up(connection: BaseHTTPRequestHandler, _: Heard) -> None:
        connection.connection.shutdown(socket.SHUT_RDWR)

    with stub_network(hang_up) as network:
        error = failure(AcmesAccount(base_url=network.url), reply())
        assert len(network.heard) == 1
    assert error.failure is Failure.UNKNOWN


def test_a_network_that_trickles_its_answer_is_given_up_in_time(settings: Settings) -> None:
    settings.SEND_TIMEOUT = 1

    def trickle(connection: BaseHTTPRequestHandler, _: Heard) -> None:
        for byte in b"HTTP/1.1 201 Created\r\n" + b"x-slow: yes\r\n" * 100:
            connection.wfile.write(bytes([byte]))
            time.sleep(0.05)

    with stub_network(trickle) as network:
        began = time.monotonic()
        error = failure(AcmesAccount(base_url=network.url), reply())
    assert time.monotonic() - began < 2
    assert error.failure is Failure.UNKNOWN


def test_a_text_of_half_a_surrogate_pair_is_refused_and_not_a_crash(
    account: AcmesAccount, kims_post: Post
) -> None:
    error = failure(account, reply(kims_post.external_id, text="a\ud800"))
    assert error.failure is Failure.REFUSED
