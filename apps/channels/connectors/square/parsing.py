"""From a notice of Square (its schema is told in apps/square/wire.py) to messages."""

import json
from datetime import UTC, datetime

from apps.channels.connector import InboundMessage, ParseError, Removal, Surface, Told, Unparsed

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_NAME = 200
LONGEST_URL = 2_000
LONGEST_LANGUAGE = 35
SAID = ("posts.created", "posts.edited")
DELETED = "posts.deleted"


def parse(body: bytes, *, own_id: str) -> list[Told]:
    """Return the notice's posts in order; what cannot be read is Unparsed at its position."""
    try:
        kind, posts = _kind_and_posts(body)
    except ParseError as error:
        return [Unparsed(position=0, error=str(error))]
    return [_told(kind, position, post, own_id) for position, post in enumerate(posts)]


def instant(written: str, *, name: str = "created_at") -> datetime:
    """Return an instant as Square writes it; ParseError for anything else."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise ParseError(f"{name} is not an instant: {error}") from error
    if at.tzinfo is None:
        raise ParseError(f"{name} names no offset from UTC")
    if not EARLIEST <= at < LATEST:
        raise ParseError(f"{name} is not between the years 2000 and 2100")
    return at.astimezone(UTC)


def web_address(url: str) -> str:
    """Return an address a page may link to, or nothing: no post is lost for a wrong link."""
    return url if url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL else ""


def _kind_and_posts(body: bytes) -> tuple[object, list[object]]:
    try:
        # Bytes that are no UTF-8 become lone surrogates: harmless in a text, refused in an id.
        # Numbers carry no meaning here, and a float takes any count of digits.
        notice = json.loads(body.decode(errors="surrogateescape"), parse_int=float)
    except ValueError as error:
        raise ParseError(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise ParseError("the body is nested too deeply") from error
    kind = notice.get("type") if isinstance(notice, dict) else None
    if kind != DELETED and kind not in SAID:
        types = ", ".join(f'"{one}"' for one in (*SAID, DELETED))
        raise ParseError(f"the body is not an object of one of the types {types}")
    posts = notice.get("posts")
    if not isinstance(posts, list):
        raise ParseError("posts is not a list")
    return kind, posts


def _told(kind: object, position: int, post: object, own_id: str) -> Told:
    try:
        told = _object(post, what="the post")
        return _removal(told) if kind == DELETED else _message(told, own_id)
    except ParseError as error:
        return Unparsed(position=position, error=str(error))


def _removal(post: dict[str, object]) -> Removal:
    deleted_at = instant(_text(post, "deleted_at"), name="deleted_at")
    return Removal(external_id=_text(post, "id"), deleted_at=deleted_at)


def _message(post: dict[str, object], own_id: str) -> InboundMessage:
    author = _object(post.get("author"), what="author")
    author_id = _text(author, "id")
    parent_id = None if post.get("parent_id") is None else _text(post, "parent_id")
    edited_at = None if post.get("edited_at") is None else _text(post, "edited_at")
    speaks_to_us = own_id in _list(post, "mentions")
    return InboundMessage(
        external_id=_text(post, "id"),
        author_id=author_id,
        author_handle=f"@{_text(author, 'handle')[:LONGEST_NAME]}",
        author_name=_text(author, "name")[:LONGEST_NAME],
        text=_text(post, "text"),
        posted_at=instant(_text(post, "created_at")),
        parent_id=parent_id,
        surface=Surface.MENTION if speaks_to_us or parent_id is None else Surface.COMMENT,
        url=web_address(_text(post, "url", otherwise="")),
        language=_text(post, "language", otherwise="")[:LONGEST_LANGUAGE],
        ours=author_id == own_id,
        edited_at=None if edited_at is None else instant(edited_at, name="edited_at"),
    )


def _object(value: object, *, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ParseError(f"{what} is not an object")
    return value


def _list(parent: dict[str, object], name: str) -> list[object]:
    value = parent.get(name, [])
    if not isinstance(value, list):
        raise ParseError(f"{name} is not a list")
    return value


def _text(parent: dict[str, object], name: str, *, otherwise: str | None = None) -> str:
    value = parent.get(name, otherwise)
    if not isinstance(value, str):
        raise ParseError(f"{name} is not a text")
    return value
