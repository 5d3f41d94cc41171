"""Words as search knows them: without case, accents and punctuation, in any script.

PostgreSQL folds and splits by functions of its own (`customers`' migration 0003); `folded` does the
same letter by letter, to show in a text what was found. Scripts without spaces and emoji are words
of one character each: what is written in them is found as a phrase.
"""

import unicodedata
from collections.abc import Sequence

import regex
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db.models import BooleanField, Func, TextField

_MARKS = regex.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u200d\ufe00-\ufe0f]")
_ALONE = regex.compile("[฀-໿က-႟ក-៿☀-➿぀-ヿ㐀-䶿一-鿿🀀-🫿𠀀-𿿿]")
_SEPARATORS = regex.compile(
    r"[\s!-/:-@\[-`{-~«»“”‘’‚„–—·•¡¿、。「」『』【】《》〈〉・،؛؟।\u00a0\u200b\u200c]"
)


class Folded(Func):
    """A text as its words are compared."""

    function = "desk_folded"
    output_field = TextField()


class Words(Func):
    """The words of a text."""

    function = "desk_words"
    output_field = SearchVectorField()


class Phrase(Func):
    """These words one after the other."""

    template = "phraseto_tsquery('simple', desk_folded(%(expressions)s))"
    output_field = SearchQueryField()


class Prefix(Func):
    """A word that begins like this one."""

    template = "(phraseto_tsquery('simple', desk_folded(%(expressions)s))::text || ':*')::tsquery"
    output_field = SearchQueryField()


class All(Func):
    """All of these."""

    template = "(%(expressions)s)"
    arg_joiner = " && "
    output_field = SearchQueryField()


class Written(Func):
    """A query written out, of words as they are held: '~13:7' | '~13:8'."""

    template = "(%(expressions)s)::tsquery"
    output_field = SearchQueryField()


class Matches(Func):
    """Whether words are what a query asks for."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def folded(text: str) -> str:
    """Return a text as its words are compared, separators as single characters."""
    return _SEPARATORS.sub(" ", _MARKS.sub("", unicodedata.normalize("NFKD", text.lower())))


def has_words(text: str) -> bool:
    """Whether anything in it is a word; an emoji alone is not."""
    return any(character.isalnum() for character in folded(text))


def found_in(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Return where these words and phrases stand in a text, in order, as (begin, end).

    A term that ends in `*` is a beginning. Places that touch or overlap are one.
    """
    letters = [(letter, index) for index, one in enumerate(text) for letter in folded(one)]
    line = "".join(letter for letter, _ in letters)
    places = sorted(
        (letters[match.start()][1], letters[match.end() - 1][1] + 1)
        for term in terms
        if (pattern := _pattern(term))
        for match in regex.finditer(pattern, line)
        if match.end() > match.start()
    )
    joined: list[tuple[int, int]] = []
    for begin, end in places:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _pattern(term: str) -> str:
    words = folded(term.rstrip("*")).split()
    if not words:
        return regex.escape(term)
    before = "" if _ALONE.match(words[0]) else r"(?<!\w)"
    after = "" if term.endswith("*") or _ALONE.search(words[-1][-1:]) else r"(?!\w)"
    return before + r"\s+".join(regex.escape(word) for word in words) + after
