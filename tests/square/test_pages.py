"""Square's pages: anyone writes as a customer, and text is always data."""

import re

import pytest
from django.test import Client

from apps.square import operations
from apps.square.models import Person, Post
from tests.square.people import NOON, acme, kim

pytestmark = pytest.mark.django_db

NASTY = '<script>alert(1)</script> & "x" \' {{ 7 }} @acme<b>'


@pytest.fixture
def visitor() -> Client:
    return Client()


def test_a_visitor_writes_as_a_customer_and_lands_in_the_thread(visitor: Client) -> None:
    answer = visitor.post(
        "/square/write/", {"handle": "@Kim_Lee", "name": "Kim Lee", "text": "@acme hello\r\nthere"}
    )
    post = Post.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/square/p/{post.pk}/")
    assert (post.author.handle, post.author.name, post.text) == (
        "Kim_Lee",
        "Kim Lee",
        "@acme hello\nthere",
    )


def test_a_reply_lands_at_its_place_in_the_thread(visitor: Client) -> None:
    question = operations.post(author=kim(), text="hello?", at=NOON)
    answer = visitor.post(
        "/square/write/", {"handle": "omar", "text": "me too", "parent": str(question.pk)}
    )
    reply = Post.objects.get(parent=question)
    assert answer.headers["Location"] == f"/square/p/{question.pk}/#p{reply.pk}"


def test_nobody_writes_as_a_brand(visitor: Client) -> None:
    acme()
    for field in ("handle", "writer"):
        answer = visitor.post("/square/write/", {field: "ACME", "text": "I am the brand"})
        assert answer.status_code == 422
        assert "taken" in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "The post is empty"),
        ({"text": "x" * 100_000}, "shorten it"),
        ({"text": "a\0b"}, "cannot be stored"),
        ({"handle": "no spaces"}, "A handle has 1 to 30"),
        ({"handle": ""}, "A handle has 1 to 30"),
        ({"name": "n" * 61}, "A name has at most 60"),
        ({"name": "n\0"}, "cannot be stored"),
        ({"language": "not a language"}, "A language is a tag"),
        ({"parent": "99999"}, "does not exist"),
        ({"parent": "x"}, "does not exist"),
    ],
)
def test_bad_input_is_answered_in_a_sentence_and_keeps_what_was_typed(
    visitor: Client, fields: dict[str, str], sentence: str
) -> None:
    answer = visitor.post("/square/write/", {"handle": "kim_lee", "text": "my words", **fields})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "my words" in page or "text" in fields
    assert not Post.objects.exists()
    assert not Person.objects.exists()


def test_a_double_click_posts_once_but_other_words_are_another_post(visitor: Client) -> None:
    sent = {"handle": "kim", "text": "hello", "nonce": "n"}
    places = {visitor.post("/square/write/", sent).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    visitor.post("/square/write/", {**sent, "text": "hello again"})
    assert Post.objects.count() == 2


def test_texts_and_names_are_escaped_everywhere(visitor: Client) -> None:
    author = operations.join(handle="kim", name="<i>Kim</i>", at=NOON)
    post = operations.post(author=author, text=NASTY, at=NOON)
    operations.post(author=author, text=NASTY, parent=post, at=NOON)
    pages = ["/square/", f"/square/p/{post.pk}/", "/square/@kim/"]
    pages.append(f"/square/p/{post.pk}/newer/?after={post.pk}")
    for page in pages:
        shown = visitor.get(page).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; &#x27; {{ 7 }}" in shown
        assert "&lt;i&gt;Kim&lt;/i&gt;" in shown
        assert "alert(1)</script>" not in shown
        assert "<b>" not in shown.replace("<b>Practice network</b>", "").replace("<b>@kim</b>", "")


def test_a_page_needs_nothing_inline_and_says_it_is_practice(visitor: Client) -> None:
    acme()
    post = operations.post(author=kim(), text="@acme hi", at=NOON)
    for page in ("/square/", f"/square/p/{post.pk}/", "/square/@acme/", "/square/@nobody/"):
        answer = visitor.get(page)
        shown = answer.content.decode()
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<[^>]+\s(style|on\w+)=", shown)
        assert not re.search(r"<(style|script)(?![^>]*\ssrc=)", shown)
        assert "Nothing here leaves this desk" in shown


def test_a_text_after_a_mention_finds_its_own_direction(visitor: Client) -> None:
    post = operations.post(author=kim(), text="@acme الخدمة", language="ar", at=NOON)
    shown = visitor.get(f"/square/p/{post.pk}/").content.decode()
    assert (
        '<p class="text" dir="auto" lang="ar">'
        '<bdi><a href="/square/@acme/">@acme</a></bdi> الخدمة</p>'
    ) in shown


def test_the_threads_are_paged_from_the_newest_to_the_first(visitor: Client) -> None:
    author = kim()
    posts = [operations.post(author=author, text=f"number {n}", at=NOON) for n in range(45)]
    seen: list[int] = []
    address = "/square/"
    while address:
        shown = visitor.get(address).content.decode()
        seen += [int(found) for found in re.findall(r'<li class="post" id="p(\d+)"', shown)]
        older = re.search(r'href="(\?before=\d+)"', shown)
        address = f"/square/{older[1]}" if older else ""
    assert seen == [post.pk for post in reversed(posts)]


def test_a_reply_is_read_in_its_thread(visitor: Client) -> None:
    question = operations.post(author=kim(), text="hello?", at=NOON)
    reply = operations.post(author=kim(), text="hello??", parent=question, at=NOON)
    answer = visitor.get(f"/square/p/{reply.pk}/")
    assert answer.headers["Location"] == f"/square/p/{question.pk}/#p{reply.pk}"


@pytest.mark.parametrize("page", ["p/1/", f"p/{'9' * 30}/", "@nobody/", "p/1/?to=%00"])
def test_what_is_not_there_is_said_in_squares_own_words(visitor: Client, page: str) -> None:
    answer = visitor.get(f"/square/{page}")
    assert answer.status_code == 404
    assert "See all posts" in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["?before=x", "?before=%00", f"?before={'9' * 30}", "?mention=%00"]
)
def test_a_strange_query_shows_the_newest_posts(visitor: Client, query: str) -> None:
    operations.post(author=kim(), text="hello", at=NOON)
    answer = visitor.get(f"/square/{query}")
    assert (answer.status_code, "hello" in answer.content.decode()) == (200, True)


def test_newer_posts_are_told_apart_from_none(visitor: Client) -> None:
    question = operations.post(author=kim(), text="hello?", at=NOON)
    address = f"/square/p/{question.pk}/newer/"
    assert visitor.get(address, {"after": question.pk}).status_code == 204
    assert visitor.get(address, {"after": "x"}).status_code == 204
    operations.post(author=acme(), text="Hello Kim", parent=question, at=NOON)
    newer = visitor.get(address, {"after": question.pk})
    assert newer.headers["Cache-Control"].count("no-store") == 1
    assert "Hello Kim" in newer.content.decode()


def test_the_browser_remembers_whom_it_wrote_as_and_takes_no_strangers_word(
    visitor: Client,
) -> None:
    for handle in ("kim_lee", "omar"):
        visitor.post("/square/write/", {"handle": handle, "text": "hello"})
    shown = visitor.get("/square/").content.decode()
    assert re.findall(r'name="writer" value="(\w*)"( checked)?', shown) == [
        ("omar", " checked"),
        ("kim_lee", ""),
        ("", ""),
    ]
    first = Post.objects.order_by("id")[0]
    thread = visitor.get(f"/square/p/{first.pk}/").content.decode()
    assert 'value="kim_lee" checked' in thread
    visitor.cookies["square_people"] = '["omar"]:forged'
    assert 'value="omar"' not in visitor.get("/square/").content.decode()


def test_a_form_from_elsewhere_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/square/write/", {"handle": "kim", "text": "hello"})
    assert answer.status_code == 403
    assert not Post.objects.exists()
