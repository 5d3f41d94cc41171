"""How long a text is, as networks measure it. `measure.js` counts the same while somebody types."""

import unicodedata
from enum import StrEnum, nonmember

import regex

from apps.common.text import graphemes

LINK_LENGTH = 23
_LINK = regex.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?'\])]")
_FAR_MENTION = regex.compile(r"(?<!\w)(@\w+)@[\w.-]+\w")
_GRAPHEME = regex.compile(r"\X")
_PICTURE = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]")
# What X counts as one; everything else as two (twitter-text, configuration 3).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


class Measure(StrEnum):
    """A way of counting."""

    GRAPHEMES = "graphemes"  # Bluesky, Square: what people see as one character
    SHORT_LINKS = "short-links"  # Mastodon: graphemes, a link as 23, a mention without its server
    WEIGHTED = "weighted"  # X: a link as 23, pictures and most scripts beyond Latin as 2

    do_not_call_in_templates = nonmember(True)

    def __call__(self, text: str) -> int:
        """Return the length of a text."""
        match self:
            case Measure.GRAPHEMES:
                return graphemes(text)
            case Measure.SHORT_LINKS:
                return graphemes(_FAR_MENTION.sub(r"\1", _short(text)))
            case Measure.WEIGHTED:
                return sum(
                    map(_weight, _GRAPHEME.findall(_short(unicodedata.normalize("NFC", text))))
                )


def _short(text: str) -> str:
    return _LINK.sub("x" * LINK_LENGTH, text)


def _weight(grapheme: str) -> int:
    if not grapheme.isascii() and _PICTURE.search(grapheme):
        return 2
    return sum(1 if _is_light(ord(character)) else 2 for character in grapheme)


def _is_light(code: int) -> bool:
    return any(first <= code <= last for first, last in _LIGHT)
