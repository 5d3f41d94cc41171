"""A long reply in numbered parts: pure, and always shown to its author before it is sent.

A draft in parts is one text with a cut on a line of its own between them.
"""

from collections.abc import Callable, Sequence

import regex

CUT = "— ✂ —"
MOST_PARTS = 20
LEAST_PART = 20
_AT_CUT = regex.compile(rf"[ \t]*\n[ \t]*{regex.escape(CUT)}[ \t]*(?:\n[ \t]*|$)")
# Where a part may end, best first: after a paragraph, a sentence, a word; else anywhere.
_ENDS = (r"\n+", r"(?<=[.!?…。！？])\s+", r"\s+", r"(?<=\X)(?=\X)")

Length = Callable[[str], int]


def parts_of(text: str) -> list[str]:
    """Return the parts of a draft in their order; a text without a cut is one part."""
    return [part.strip("\n") for part in _AT_CUT.split(text)] if CUT in text else [text]


def joined(parts: Sequence[str]) -> str:
    """Return parts as one draft."""
    return f"\n{CUT}\n".join(parts)


def split(text: str, *, limit: int, length: Length) -> list[str]:
    """Return the text in numbered parts, each at most `limit` long.

    A part ends with a paragraph or a sentence where that leaves it at least half full, else with a
    word. A text that fits, or that would need more than `MOST_PARTS`, is returned as it is.
    """
    whole = " ".join(parts_of(text)) if CUT in text else text
    if length(whole) <= limit or length(whole) > limit * MOST_PARTS:
        return [whole]
    for count in (9, MOST_PARTS):  # the fewer digits, the more room
        room = limit - len(f" {count}/{count}")
        parts = _pieces(whole.strip(), room, length) if room >= LEAST_PART else []
        if 0 < len(parts) <= count:
            return [f"{part} {n}/{len(parts)}" for n, part in enumerate(parts, 1)]
    return [whole]


def _pieces(text: str, room: int, length: Length) -> list[str]:
    pieces: list[str] = []
    rest = text
    while length(rest) > room:
        end, begin = _best_end(rest, room, length)
        pieces.append(rest[:end])
        rest = rest[begin:].lstrip()
    return [*pieces, rest] if rest else pieces


def _best_end(text: str, room: int, length: Length) -> tuple[int, int]:
    """Where the first piece ends and the next begins."""
    full = _most_that_fits(text, room, length)
    for pattern in _ENDS:
        gaps = [gap.span() for gap in regex.finditer(pattern, text[: full + 1])]
        end, begin = max((gap for gap in gaps if 0 < gap[0] <= full), default=(0, 0))
        if end and (2 * length(text[:end]) >= room or pattern == _ENDS[-1]):
            return end, begin
    return full, full


def _most_that_fits(text: str, room: int, length: Length) -> int:
    """The greatest count of characters that is short enough; at least one."""
    low, high = 1, min(len(text), room * 40)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= room else (low, middle - 1)
    return low
