"""Who may write what, and which brands a post concerns."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from apps.square import operations, queries, rules
from apps.square.models import Notice, Person, Post
from tests.square.people import NOON, acme, kim

pytestmark = pytest.mark.django_db


def concerned(post: Post) -> set[str]:
    return {notice.subscription.brand.handle for notice in Notice.objects.filter(post=post)}


@pytest.mark.parametrize("text", ["@acme hi", "hi @ACME!", "mail@Acme.example", "@acme_shop @acme"])
def test_a_brand_hears_of_a_post_that_mentions_it_in_any_case(text: str) -> None:
    acme(url="http://127.0.0.1:9/")
    assert concerned(operations.post(author=kim(), text=text, at=NOON)) == {"acme"}


@pytest.mark.parametrize("text", ["acme", "@acmes", "@acme_care", "@ acme", "@a_c_m_e"])
def test_a_brand_does_not_hear_of_a_post_about_somebody_else(text: str) -> None:
    acme(url="http://127.0.0.1:9/")
    assert concerned(operations.post(author=kim(), text=text, at=NOON)) == set()


def test_a_brand_hears_everything_in_a_thread_after_it_was_mentioned_there() -> None:
    acme(url="http://127.0.0.1:9/")
    first = operations.post(author=kim(), text="my router!", at=NOON)
    second = operations.post(author=kim("omar"), text="ask @acme", parent=first, at=NOON)
    third = operations.post(author=kim(), text="thanks", parent=first, at=NOON)
    assert [concerned(post) for post in (first, second, third)] == [set(), {"acme"}, {"acme"}]


def test_a_brand_hears_of_its_own_posts_and_of_answers_to_them() -> None:
    brand = acme(url="http://127.0.0.1:9/")
    news = operations.post(author=brand, text="Maintenance tonight", at=NOON)
    answer = operations.post(author=kim(), text="again??", parent=news, at=NOON)
    assert [concerned(news), concerned(answer)] == [{"acme"}, {"acme"}]


def test_every_brand_in_a_thread_hears_of_it_once() -> None:
    acme(url="http://127.0.0.1:9/")
    acme("parcels", url="http://127.0.0.1:9/")
    post = operations.post(author=kim(), text="@acme @parcels @ACME @nobody", at=NOON)
    assert concerned(post) == {"acme", "parcels"}
    assert Notice.objects.count() == 2


def test_the_same_key_gives_the_first_post_again() -> None:
    acme(url="http://127.0.0.1:9/")
    first = operations.post(author=kim(), text="@acme hi", at=NOON, idempotency_key="k")
    again = operations.post(author=kim(), text="@acme other", at=NOON, idempotency_key="k")
    others = operations.post(author=kim("omar"), text="@acme hi", at=NOON, idempotency_key="k")
    assert (again, again.text) == (first, "@acme hi")
    assert others != first
    assert Notice.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_a_thread", [False, True])
def test_twenty_parallel_copies_make_one_post_and_one_notice(in_a_thread: bool) -> None:
    brand = acme(url="http://127.0.0.1:9/")
    parent = operations.post(author=kim(), text="hi", at=NOON) if in_a_thread else None

    def copy(_: int) -> tuple[int, bool]:
        try:
            post, is_new = operations.post_once(
                author=brand, text="Hi", parent=parent, language="", at=NOON, idempotency_key="k"
            )
            return post.pk, is_new
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as copies:
        made = list(copies.map(copy, range(20)))
    assert len({post_id for post_id, _ in made}) == 1
    assert [is_new for _, is_new in made].count(True) == 1
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_people_who_take_one_handle_at_once_are_one_person() -> None:
    def take(number: int) -> int:
        try:
            handle = "Kim_Lee" if number % 2 else "kim_lee"
            return operations.join(handle=handle, name="Kim", at=NOON).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as people:
        assert len(set(people.map(take, range(20)))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_parallel_answer_never_misses_the_brand_that_is_just_being_called() -> None:
    acme(url="http://127.0.0.1:9/")
    author = kim()
    roots = [operations.post(author=author, text="hi", at=NOON) for _ in range(10)]

    def answer(job: tuple[Post, str]) -> int:
        try:
            return operations.post(author=author, text=job[1], parent=job[0], at=NOON).pk
        finally:
            connection.close()

    jobs = [(root, text) for root in roots for text in ("@acme please", "me too")]
    with ThreadPoolExecutor(8) as people:
        written = dict(zip(jobs, people.map(answer, jobs), strict=True))
    for root in roots:
        call, after = written[root, "@acme please"], written[root, "me too"]
        told = set(Notice.objects.filter(post__root=root).values_list("post_id", flat=True))
        assert told == ({call, after} if after > call else {call})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        (" \r\n ", "empty"),
        ("x" * 501, "501"),
        ("👩‍👩‍👧‍👦" * 501, "501"),
        ("e" + "\u0301" * 20_000, "shorten"),
        ("a\0b", "cannot be stored"),
        ("a\ud800b", "cannot be stored"),
    ],
)
def test_a_text_that_may_not_be_posted_is_answered_in_a_sentence(text: str, word: str) -> None:
    author = kim()
    with pytest.raises(rules.RuleError, match=word):
        operations.post(author=author, text=text, at=NOON)
    assert not Post.objects.exists()


def test_five_hundred_families_are_not_too_long() -> None:
    assert operations.post(author=kim(), text="👩‍👩‍👧‍👦" * 500, at=NOON).pk


@pytest.mark.parametrize("handle", ["", "@", "kim lee", "kïm", "k" * 31, "a\0", "٣", "../x"])
def test_a_handle_nobody_can_have_is_refused(handle: str) -> None:
    with pytest.raises(rules.RuleError, match="handle"):
        operations.join(handle=handle, name="Kim", at=NOON)


def test_nobody_becomes_a_brand_by_its_handle() -> None:
    acme()
    with pytest.raises(rules.RuleError, match="taken"):
        operations.join(handle="ACME", name="Not Acme", at=NOON)
    assert Person.objects.get().name == "Acme Care"


def test_a_secret_that_cannot_sign_is_refused_when_it_is_set() -> None:
    for secret in ("", "whsec_", "whsec_not base64 at all!"):
        with pytest.raises(rules.RuleError, match="whsec_"):
            operations.subscribe(person=acme(), url="http://127.0.0.1:9/", secret=secret)


def test_a_token_is_kept_as_a_hash_and_replaced_by_the_next() -> None:
    brand = acme()
    first = operations.issue_token(person=brand)
    second = operations.issue_token(person=brand)
    assert queries.brand_with(first) is None
    assert queries.brand_with(second) == brand
    assert second not in str(Person.objects.values_list().get())


def test_a_history_keeps_its_instants_and_threads_and_tells_nobody() -> None:
    brand = acme(url="http://127.0.0.1:9/")
    past = NOON - timedelta(days=90)
    question, answer, thanks = operations.import_posts(
        posts=[
            operations.PastPost(author=kim(), text="@acme hi", at=past, language="en"),
            operations.PastPost(
                author=brand, text="Hello", at=past + timedelta(minutes=4), parent=0
            ),
            operations.PastPost(author=kim(), text="ok", at=past + timedelta(minutes=5), parent=1),
        ]
    )
    assert not Notice.objects.exists()
    assert queries.thread(question.pk) == [question, answer, thanks]
    assert Post.objects.get(pk=thanks.pk).root == question
    later = operations.post(author=kim(), text="it is back", parent=thanks, at=NOON)
    assert concerned(later) == {"acme"}
    assert later.pk > thanks.pk
