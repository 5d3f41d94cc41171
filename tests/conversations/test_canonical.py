"""What counts as the same words: names, links, signatures and numbers do not make a difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.conversations.sameness.canonical import canonical, jaccard, shingles
from apps.conversations.sameness.minhash import BANDS, bands
from apps.conversations.sameness.sharing import NEAR, sharing

FEW = ("we", "can", "look", "into", "this", "for", "you", "now", "please")
WORDS = st.lists(st.sampled_from(FEW), max_size=12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi Kim, please send us a DM ^AB", "please send us a dm"),
        ("@kim Hello there! Please send us a DM. -Joe", "please send us a dm"),
        ("Hello, Kim. Please send us a DM *SR", "please send us a dm"),
        ("Good evening, Caesar!  *HCK", ""),
        ("PLEASE   send us a DM https://acme.example/dm?x=1 /GS", "please send us a dm"),
        ("please send us a DM ~AT (1/2)", "please send us a dm"),
        ("2/2 please send us a DM - Matt", "please send us a dm"),
        ("please send us a DM --JV", "please send us a dm"),
        ("ﬁne &amp; good, order 88-1204", "fine good order 0 0"),
        ("Thanks. Well-known", "thanks well known"),
        ("Dear customer service", "service"),
        ("hiccups again", "hiccups again"),
        ("2/2", ""),
        ("😃 ✈", ""),
        ("お手数ですが リンクを", "お手数ですが リンクを"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(text: str, words: str) -> None:
    assert canonical(text) == words


@given(st.text())
def test_any_text_has_a_canonical_form_of_words_alone(text: str) -> None:
    words = canonical(text)
    assert all(word.isalnum() or word.strip() for word in words.split(" ")) or words == ""
    assert words == " ".join(words.split())


def test_runs_of_three_words_are_compared() -> None:
    assert shingles("a b c d") == {"a b c", "b c d"}
    assert shingles("a b") == {"a b"}
    assert shingles("") == frozenset()
    assert jaccard(shingles("a b c d"), shingles("a b c e")) == pytest.approx(1 / 3)
    assert jaccard(shingles(""), shingles("")) == 0


def test_texts_that_are_alike_share_a_band_and_others_do_not() -> None:
    said = [f"word{n}" for n in range(40)]
    nearly = [*said[:39], "another"]
    one, other = (bands(shingles(" ".join(words))) for words in (said, nearly))
    assert len(one) == BANDS
    assert set(one) & set(other)
    assert not set(one) & set(bands(shingles(" ".join(f"else{n}" for n in range(40)))))
    assert bands(frozenset()) == []
    assert all(-(2**63) <= key < 2**63 for key in one)


@given(st.lists(WORDS, max_size=12))
def test_near_duplicates_are_exactly_those_a_comparison_of_all_pairs_finds(
    texts: list[list[str]],
) -> None:
    said = [" ".join(words) for words in texts]
    sets = [shingles(canonical(text)) for text in said]
    near = sum(
        any(n != m and jaccard(one, other) >= NEAR for m, other in enumerate(sets))
        for n, one in enumerate(sets)
    )
    counted = sharing(said)
    assert (counted.replies, counted.near_duplicates) == (len(said), near)
    assert counted.compared == sum(1 for one in sets if one)
