"""What a brand's program may do, and how it is told what it may not."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from apps.square import operations
from apps.square.models import Notice, Post
from tests.square.people import NOON, acme, kim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def brand(live_server: LiveServer) -> httpx.Client:
    """@acme's program."""
    token = operations.issue_token(person=acme(url="http://127.0.0.1:9/"))
    return httpx.Client(
        base_url=f"{live_server.url}/square/api", headers={"authorization": f"Bearer {token}"}
    )


def test_a_post_is_made_once_a_key(brand: httpx.Client) -> None:
    question = operations.post(author=kim(), text="@acme hi", at=NOON)
    sent = {"text": "Hello", "parent_id": question.external_id}
    first = brand.post("/posts", json=sent, headers={"idempotency-key": "k"})
    again = brand.post("/posts", json={"text": "Other"}, headers={"idempotency-key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == brand.get("/posts/by-key/k").json()
    assert Post.objects.filter(parent=question).count() == 1
    told = brand.get(f"/posts/{first.json()['id']}").json()
    assert (told["text"], told["parent_id"]) == ("Hello", question.external_id)
    assert told["created_at"] == first.json()["created_at"]


def test_twenty_parallel_copies_are_one_201_and_nineteen_200(brand: httpx.Client) -> None:
    def send(_: int) -> int:
        answer = brand.post("/posts", json={"text": "Hi"}, headers={"idempotency-key": "k"})
        return answer.status_code

    with ThreadPoolExecutor(20) as copies:
        answers = list(copies.map(send, range(20)))
    assert sorted(answers) == [200] * 19 + [201]
    assert (Post.objects.count(), Notice.objects.count()) == (1, 1)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic eDp5", "Bearer é"])
def test_without_a_brands_token_the_answer_is_401(brand: httpx.Client, header: str | None) -> None:
    del brand.headers["authorization"]
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    answer = brand.post("/posts", json={"text": "Hi"}, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status", "word"),
    [
        (b'{"text": "Hi", "parent_id": "99999"}', 422, "parent_id"),
        (b'{"text": "Hi", "parent_id": "99999999999999999999"}', 422, "parent_id"),
        (b'{"text": "Hi", "parent_id": "x\\u0000"}', 422, "parent_id"),
        (b'{"text": "Hi", "parent_id": 1}', 422, "parent_id"),
        (b'{"text": ""}', 422, "empty"),
        (b'{"text": "a\\u0000"}', 422, "cannot be stored"),
        (b'{"text": "a\\ud800"}', 422, "cannot be stored"),
        (b'{"text": "%s"}' % (b"x" * 501), 422, "501"),
        (b'{"text": 7}', 422, "text"),
        (b'["text"]', 422, "text"),
        (b"", 422, "text"),
        (b"{", 400, "JSON"),
        (b"[" * 100_000, 400, "deeply"),
    ],
)
def test_what_may_not_be_posted_is_a_problem_that_says_why(
    brand: httpx.Client, sent: bytes, status: int, word: str
) -> None:
    answer = brand.post("/posts", content=sent, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert word in answer.json()["detail"]
    assert not Post.objects.exists()


def test_a_key_that_cannot_be_kept_is_refused(brand: httpx.Client) -> None:
    for key in ("", "k" * 201):
        answer = brand.post("/posts", json={"text": "Hi"}, headers={"idempotency-key": key})
        assert (answer.status_code, "Idempotency-Key" in answer.json()["detail"]) == (422, True)
    assert brand.get("/posts/by-key/a%00b").status_code == 422


def test_what_is_not_there_is_404_by_its_own_name(brand: httpx.Client) -> None:
    unknown_key = brand.get("/posts/by-key/never")
    assert (unknown_key.status_code, unknown_key.json()["type"]) == (404, "square:unknown-key")
    for post_id in ("1", "x", "9" * 30, "٣"):
        assert brand.get(f"/posts/{post_id}").json()["type"] == "square:unknown-post"


def test_another_brand_does_not_see_by_key_what_this_one_posted(
    brand: httpx.Client, live_server: LiveServer
) -> None:
    brand.post("/posts", json={"text": "Hi"}, headers={"idempotency-key": "k"})
    token = operations.issue_token(person=acme("parcels"))
    other = {"authorization": f"Bearer {token}"}
    assert brand.get("/posts/by-key/k", headers=other).status_code == 404
