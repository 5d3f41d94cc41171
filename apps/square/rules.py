"""What may be written on Square: handles, names and texts, and who is mentioned in one."""

import re

from apps.common.errors import DeskError
from apps.common.images import image_type
from apps.common.text import graphemes, is_storable

TEXT_LIMIT = 500
# A grapheme may pile up any number of marks; this bounds what is stored for one post.
LONGEST_TEXT = 10_000
LONGEST_HANDLE = 30
LONGEST_NAME = 60
LONGEST_KEY = 200
MOST_PICTURES = 4
MOST_PICTURE_BYTES = 2_000_000
LONGEST_ALT = 1_000

_HANDLE = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_HANDLE}}}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
MENTION = re.compile(r"@([A-Za-z0-9_]+)")


class RuleError(DeskError):
    """Square refuses what was written, and says what to change."""


def is_handle(written: str) -> bool:
    """Whether somebody could have this handle, written without its @."""
    return _HANDLE.fullmatch(written) is not None


def handle(written: str) -> str:
    """Return a handle without its @; RuleError if nobody could have it."""
    bare = written.strip().removeprefix("@")
    if not is_handle(bare):
        raise RuleError(
            f"A handle has 1 to {LONGEST_HANDLE} letters (a–z), digits or underscores: "
            "choose one like kim_lee."
        )
    return bare


def name(written: str, *, otherwise: str) -> str:
    """Return a display name, or `otherwise` where none was given."""
    _refuse_unstorable(written, what="name")
    given = " ".join(written.split())
    if len(given) > LONGEST_NAME:
        raise RuleError(f"A name has at most {LONGEST_NAME} characters: shorten it.")
    return given or otherwise


def text(written: str) -> str:
    """Return a post's text with plain line ends; RuleError if it may not be posted."""
    _refuse_unstorable(written, what="text")
    said = written.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not said:
        raise RuleError("The post is empty: write something first.")
    length = len(said) if len(said) > LONGEST_TEXT else graphemes(said)
    if length > TEXT_LIMIT:
        raise RuleError(
            f"The post has {length:,} characters and Square takes {TEXT_LIMIT}: shorten it."
        )
    return said


def language(written: str) -> str:
    """Return a BCP 47 tag, or nothing where none was given."""
    if written and not _LANGUAGE.fullmatch(written):
        raise RuleError("A language is a tag like en, de or pt-BR: correct it or leave it out.")
    return written


def key(written: str | None) -> str | None:
    """Return an idempotency key; RuleError if it could not be kept exactly."""
    if written is None:
        return None
    if not 1 <= len(written) <= LONGEST_KEY or not is_storable(written):
        raise RuleError(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters: send such a one.")
    return written


def picture(body: bytes) -> str:
    """Return a picture's media type; RuleError for what is none, or too large."""
    if len(body) > MOST_PICTURE_BYTES:
        raise RuleError(f"A picture has at most {MOST_PICTURE_BYTES:,} bytes: make it smaller.")
    kind = image_type(body)
    if not kind:
        raise RuleError("Only PNG, JPEG, GIF and WebP are pictures here: send one of these.")
    return kind


def alt(written: str) -> str:
    """Return what a picture shows; RuleError where nothing is said."""
    _refuse_unstorable(written, what="description")
    said = written.strip()
    if not 1 <= len(said) <= LONGEST_ALT:
        raise RuleError(f"Describe each picture in 1 to {LONGEST_ALT:,} characters.")
    return said


def mentioned(said: str) -> set[str]:
    """Handles a text speaks to, in upper case; the whole @token counts, in any case."""
    return {token.upper() for token in MENTION.findall(said) if len(token) <= LONGEST_HANDLE}


def _refuse_unstorable(written: str, *, what: str) -> None:
    if not is_storable(written):
        raise RuleError(
            f"The {what} holds a character that cannot be stored (a NUL or half of a surrogate "
            "pair): remove it."
        )
