"""Making foreign text safe to store, without changing what can be stored."""

import regex

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSTORABLE = regex.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Return `text` with NULs and lone surrogates, which PostgreSQL refuses, as U+FFFD."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def is_storable(text: str) -> bool:
    """Whether `text` can be stored as it is; ids must be, since altering one makes another id."""
    return _UNSTORABLE.search(text) is None


def graphemes(text: str) -> int:
    """Count user-perceived characters (extended grapheme clusters, as `Intl.Segmenter` does)."""
    return len(regex.findall(r"\X", text))
