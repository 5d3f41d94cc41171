"""A long reply in numbered parts, each of which its network takes."""

from hypothesis import given
from hypothesis import strategies as st

from apps.channels.measuring import Measure
from apps.conversations.splitting import CUT, MOST_PARTS, joined, parts_of, split

LENGTH = Measure.GRAPHEMES
TEXTS = st.text(st.sampled_from("ab é.!\n👩‍👩‍👧漢 "), max_size=600)


@given(TEXTS, st.integers(40, 200))
def test_every_part_fits_and_none_of_the_words_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit=limit, length=LENGTH)
    if len(parts) == 1:
        assert parts == [text]
        return
    assert all(LENGTH(part) <= limit for part in parts)
    bare = [part.removesuffix(f" {n}/{len(parts)}") for n, part in enumerate(parts, 1)]
    assert "".join("".join(bare).split()) == "".join(text.split())
    assert parts_of(joined(parts)) == parts


def test_a_part_ends_with_a_sentence_where_that_fills_it_half() -> None:
    text = "First we look at the line. " * 6 + "Then I call you. ^AB"
    first, second, third = split(text, limit=80, length=LENGTH)
    assert first == "First we look at the line. First we look at the line. 1/3"
    assert second.endswith("the line. 2/3")
    assert third.endswith("Then I call you. ^AB 3/3")


def test_without_sentences_words_stay_whole_and_without_words_pictures_do() -> None:
    assert (
        split("word " * 30, limit=40, length=LENGTH)[0] == "word word word word word word word 1/5"
    )
    family = "👩‍👩‍👧‍👦"
    parts = split(family * 50, limit=40, length=LENGTH)
    assert "".join(part.split()[0] for part in parts) == family * 50


def test_what_fits_or_would_never_fit_stays_one_text() -> None:
    assert split("short", limit=40, length=LENGTH) == ["short"]
    endless = "a" * 40 * (MOST_PARTS + 1)
    assert split(endless, limit=40, length=LENGTH) == [endless]


def test_a_cut_stands_on_a_line_of_its_own() -> None:
    assert parts_of(f"one 1/2\n{CUT}\ntwo 2/2") == ["one 1/2", "two 2/2"]
    assert parts_of(f"about {CUT} scissors") == [f"about {CUT} scissors"]
    assert parts_of("one") == ["one"]
