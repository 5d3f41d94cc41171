"""What Square's notices become: messages in order, and bad items set apart alone."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.channels.connector import InboundMessage, Surface, Told, Unparsed
from apps.channels.connectors.square.connector import SquareConnector
from tests.channels.square.people import AcmesAccount

FIXTURES = Path(__file__).parent / "fixtures"
square = SquareConnector()
# The first text of a fresh machine waits while the tables of Unicode are built.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def captured(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def post(**changes: object) -> dict[str, Any]:
    """The captured mention, with some fields changed."""
    [one] = json.loads(captured("mention"))["posts"]
    return {**one, **changes}


def parsed(*posts: object) -> list[Told]:
    body = json.dumps({"type": "posts.created", "posts": posts}).encode()
    return square.parse(AcmesAccount(), body)


def message(one: object) -> InboundMessage:
    [found] = parsed(one)
    assert isinstance(found, InboundMessage), found
    return found


def test_a_mention() -> None:
    [found] = square.parse(AcmesAccount(), captured("mention"))
    assert found == InboundMessage(
        external_id="1",
        author_id="u2",
        author_handle="@kim_lee",
        author_name="Kim Lee",
        text="@Acme it’s dropping again every evening 😩",
        posted_at=datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC),
        parent_id=None,
        surface=Surface.MENTION,
        url="https://desk.example/square/p/1/",
        language="en",
        ours=False,
    )


def test_a_reply_that_does_not_mention_us_is_a_comment() -> None:
    [found] = square.parse(AcmesAccount(), captured("reply"))
    assert isinstance(found, InboundMessage)
    assert (found.parent_id, found.surface, found.ours) == ("2", Surface.COMMENT, False)


def test_our_own_post_is_ours() -> None:
    [found] = square.parse(AcmesAccount(), captured("own_post"))
    assert isinstance(found, InboundMessage)
    assert found.ours
    assert not any(
        one.ours
        for one in square.parse(AcmesAccount(account_id="u9"), captured("own_post"))
        if isinstance(one, InboundMessage)
    )


def test_a_text_from_right_to_left_keeps_its_lines() -> None:
    [found] = square.parse(AcmesAccount(), captured("right_to_left"))
    assert isinstance(found, InboundMessage)
    assert found.text == "@acme الخدمة مقطوعة منذ الصباح\nمتى تعود؟"
    assert found.author_name == "تالا حداد"


def test_several_posts_come_in_their_order_and_bad_ones_stay_alone() -> None:
    found = parsed(post(id="1"), post(id=7), post(id="3"), None, post(id="5"))
    assert [one.external_id for one in found if isinstance(one, InboundMessage)] == ["1", "3", "5"]
    assert [one.position for one in found if isinstance(one, Unparsed)] == [1, 3]


def test_nuls_and_lone_surrogates_become_replacement_characters_in_texts() -> None:
    assert message(post(text="a\0b\ud800c")).text == "a\ufffdb\ufffdc"
    assert (
        message(post(author={"id": "u2", "handle": "k\0", "name": "\udfff"})).author_name
        == "\ufffd"
    )


@pytest.mark.parametrize("changed", ["id", "parent_id"])
@pytest.mark.parametrize("wrong", ["", "a\0", "\ud800", "x" * 501, 7, True, [], {}])
def test_an_id_that_cannot_be_kept_sets_its_item_aside(changed: str, wrong: object) -> None:
    [found] = parsed(post(**{changed: wrong}))
    assert isinstance(found, Unparsed)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "yesterday",
        "2026-03-02",
        "2026-03-02T12:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1999-12-31T23:59:59Z",
        1772452800,
        None,
    ],
)
def test_an_absurd_instant_sets_its_item_aside(wrong: object) -> None:
    [found] = parsed(post(created_at=wrong))
    assert isinstance(found, Unparsed)


def test_bytes_that_are_no_utf_8_harm_only_an_id() -> None:
    body = captured("mention").replace(b"again", b"ag\xff\xedin")
    [found] = square.parse(AcmesAccount(), body)
    assert isinstance(found, InboundMessage)
    assert "ag\ufffd\ufffdin" in found.text
    [found] = square.parse(AcmesAccount(), captured("mention").replace(b'"id":"1"', b'"id":"\xff"'))
    assert isinstance(found, Unparsed)


def test_a_number_of_any_length_harms_only_its_item() -> None:
    body = captured("mention").replace(b'"language":"en"', b'"language":' + b"9" * 5_000)
    both = body.replace(b'"posts":[', b'"posts":[' + json.dumps(post(id="9")).encode() + b",")
    first, second = square.parse(AcmesAccount(), both)
    assert isinstance(first, InboundMessage)
    assert isinstance(second, Unparsed)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"type":"posts.created"}',
        b'{"type":"posts.created","posts":{}}',
        b'{"type":"post.deleted","posts":[]}',
    ],
)
def test_a_body_that_is_no_notice_is_one_unparsed_item(body: bytes) -> None:
    [found] = square.parse(AcmesAccount(), body)
    assert isinstance(found, Unparsed)
    assert found.position == 0


def test_a_link_that_no_page_may_carry_is_left_out() -> None:
    assert message(post(url="javascript:alert(1)")).url == ""


def test_a_word_of_100_000_characters_is_kept() -> None:
    assert len(message(post(text="x" * 100_000)).text) == 100_000


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@patient
@given(
    changes=st.dictionaries(
        st.sampled_from([*json.loads(captured("mention"))["posts"][0], "more"]), anything
    )
)
def test_whatever_a_field_holds_the_post_beside_it_is_unharmed(changes: dict[str, object]) -> None:
    found = parsed(post(id="7"), post(**changes), post(id="9"))
    assert len(found) == 3
    assert isinstance(found[0], InboundMessage)
    assert isinstance(found[2], InboundMessage)


@patient
@given(body=st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_no_body_raises_anything(body: bytes) -> None:
    square.parse(AcmesAccount(), body)


def test_length_is_counted_in_graphemes() -> None:
    assert square.measure("Zoë 👩‍👩‍👧‍👦 \u0928\u0940") == len(
        ["Z", "o", "ë", " ", "👩‍👩‍👧‍👦", " ", "नी"]
    )
