"""What Square tells programs.

A notice is a JSON object, signed as Standard Webhooks say (`webhook-id`, `webhook-timestamp`,
`webhook-signature`). It lists posts, so that one delivery may carry several:

    {"type": "posts.created", "posts": [{
        "id": "1042",                      rises in the order of writing, always a string
        "author": {"id": "u7", "handle": "kim_lee", "name": "Kim Lee"},
        "text": "@acme my router …",       up to 500 graphemes
        "language": "en",                  BCP 47, empty where the author named none
        "created_at": "2026-03-01T09:00:00.123456Z",
        "edited_at": null,                 when its author last changed the text
        "parent_id": "1041",               null for the first post of a thread
        "root_id": "1040",                 the first post of the thread, itself included
        "mentions": ["u2"],                brands this text speaks to
        "url": "https://…/square/p/1040/#p1042"
    }]}

An edited post is told whole once more, as "posts.edited"; of a deleted one only what is gone and
since when:

    {"type": "posts.deleted", "posts": [{
        "id": "1042",
        "deleted_at": "2026-03-01T09:05:00.000000Z"
    }]}

Delivery is at least once and in no promised order.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from apps.square.models import Person, Post


def notice(post: Post, *, mentions: Iterable[Person]) -> bytes:
    """Return the body that tells brands of one post as it is now, new or edited."""
    told = {**entry(post), "mentions": sorted(brand.external_id for brand in mentions)}
    kind = "posts.created" if post.edited_at is None else "posts.edited"
    return _json({"type": kind, "posts": [told]})


def removal(post: Post, *, deleted_at: datetime) -> bytes:
    """Return the body that tells brands that a post is gone."""
    told = {"id": post.external_id, "deleted_at": instant(deleted_at)}
    return _json({"type": "posts.deleted", "posts": [told]})


def entry(post: Post) -> dict[str, object]:
    """Return a post as programs read it."""
    return {
        "id": post.external_id,
        "author": {
            "id": post.author.external_id,
            "handle": post.author.handle,
            "name": post.author.name,
        },
        "text": post.text,
        "language": post.language,
        "created_at": instant(post.created_at),
        "edited_at": None if post.edited_at is None else instant(post.edited_at),
        "parent_id": None if post.parent_id is None else str(post.parent_id),
        "root_id": str(post.thread_id),
        "url": post.url,
    }


def receipt(post: Post) -> dict[str, object]:
    """Return what the author of a post is told."""
    return {"id": post.external_id, "created_at": instant(post.created_at), "url": post.url}


def instant(at: datetime) -> str:
    """Return an instant as RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _json(value: dict[str, object] | Sequence[object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
