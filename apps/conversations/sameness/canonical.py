"""What of a reply is compared: its canonical text, and the shingles of that."""

import html
import unicodedata

import regex

SHINGLE_WORDS = 3
Shingles = frozenset[str]

_LINK = regex.compile(r"https?://\S+|www\.\S+", regex.IGNORECASE)
_MENTION = regex.compile(r"@\w+")
_PART = r"\(?\d{1,2}\s*/\s*\d{1,2}\)?"
_PART_FIRST = regex.compile(rf"^\s*{_PART}(?:\s+|$)")
_PART_LAST = regex.compile(rf"\s+{_PART}\s*$")
_SIGNATURE = regex.compile(r"(?:^|\s)(?:\^|--?|~|/|\*)\s?\p{Lu}\w{0,15}\.?\s*$")
_GREETINGS = (
    "hi there|hello there|hey there|hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening|day)"
    "|hola|buenas|buenos días|bonjour|salut|hallo|guten (?:morgen|tag|abend)|ciao|olá|hej"
)
_NAME = r"\p{L}[\w'’-]*"
# A name follows its greeting at once, or after a comma if it then ends as a greeting does.
_GREETING = regex.compile(
    rf"^\s*(?:{_GREETINGS})\b(?:\s*,\s*(?:there|{_NAME})(?=\s*[,.!])|\s+{_NAME})?\s*[,.!:–-]*\s*",
    regex.IGNORECASE,
)
_DIGITS = regex.compile(r"\d+")
_NO_WORD = regex.compile(r"[^\p{L}\p{N}]+")


def canonical(text: str) -> str:
    """Return the words of a reply that its author chose, in one form.

    Names, mentions, links, signatures and numbers do not make a reply personal: they are left out.
    """
    said = unicodedata.normalize("NFKC", html.unescape(text))
    said = " ".join(_MENTION.sub(" ", _LINK.sub(" ", said)).split())
    said = _PART_LAST.sub("", _PART_FIRST.sub("", said))
    said = _GREETING.sub("", _SIGNATURE.sub("", said)).casefold()
    return _NO_WORD.sub(" ", _DIGITS.sub("0", said)).strip()


def begins_with_greeting(text: str) -> bool:
    """Whether a text begins as one speaks to a person."""
    return _GREETING.match(text) is not None


def shingles(canonical_text: str) -> Shingles:
    """Return all runs of three words; a text of fewer words is one run. Empty for no text."""
    words = canonical_text.split()
    if len(words) < SHINGLE_WORDS:
        return frozenset([canonical_text] if words else [])
    return frozenset(
        " ".join(words[start : start + SHINGLE_WORDS])
        for start in range(len(words) - SHINGLE_WORDS + 1)
    )


def jaccard(one: Shingles, other: Shingles) -> float:
    """Return how much two texts share, from 0 (nothing) to 1 (all)."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
