"""Texts are measured as each network measures them."""

import pytest

from apps.channels.measuring import Measure

LINK = "https://acme.example/help/" + "a" * 100


@pytest.mark.parametrize(
    ("text", "graphemes", "short_links", "weighted"),
    [
        ("", 0, 0, 0),
        ("Hi Kim", 6, 6, 6),
        ("Zoë", 3, 3, 3),
        ("Zoe\u0308", 3, 3, 3),
        ("👩‍👩‍👧‍👦", 1, 1, 2),
        ("🇩🇪", 1, 1, 2),
        ("日本", 2, 2, 4),
        ("कि", 1, 1, 2),
        (f"see {LINK}.", len(LINK) + 5, 28, 28),
        ("@kim@far.example hi", 19, 7, 19),
        ("“quoted” – so…", 14, 14, 15),
    ],
)
def test_a_length_by_each_measure(
    text: str, graphemes: int, short_links: int, weighted: int
) -> None:
    assert Measure.GRAPHEMES(text) == graphemes
    assert Measure.SHORT_LINKS(text) == short_links
    assert Measure.WEIGHTED(text) == weighted
