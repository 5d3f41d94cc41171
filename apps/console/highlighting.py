"""Showing what a search found: some of the text around it, the words themselves marked."""

from collections.abc import Sequence
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.common.words import found_in

READ_CHARACTERS = 20_000
SHOWN_CHARACTERS = 220
LEAD_CHARACTERS = 60


def excerpt(text: str, terms: Sequence[str]) -> SafeString:
    """Return the part of a text in which the first term stands, escaped, with <mark>s."""
    places = found_in(text[:READ_CHARACTERS], terms)
    begin = _begin(text, places[0][0]) if places else 0
    end = begin + SHOWN_CHARACTERS
    shown = [(max(first, begin), min(last, end)) for first, last in places if first < end]
    return format_html(
        "{}{}{}", "…" if begin else "", _marked(text, begin, end, shown), "…" * (end < len(text))
    )


def _begin(text: str, first: int) -> int:
    """Begin a few words before what was found, with a whole one."""
    if first <= LEAD_CHARACTERS:
        return 0
    space = text.find(" ", first - LEAD_CHARACTERS, first)
    return space + 1 if space >= 0 else first - LEAD_CHARACTERS // 2


def _marked(text: str, begin: int, end: int, places: Sequence[tuple[int, int]]) -> SafeString:
    edges = [begin, *(edge for place in places for edge in place), end]
    pieces = [(text[a:b], n % 2 == 1) for n, (a, b) in enumerate(pairwise(edges))]
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", piece) if found else piece,) for piece, found in pieces),
    )
