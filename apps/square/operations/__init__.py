"""What people, brands and time do on Square."""

from apps.square.operations.delivering import deliver_due
from apps.square.operations.people import issue_token, join, subscribe
from apps.square.operations.posting import (
    PastPost,
    find_by_key,
    import_posts,
    post,
    post_once,
    upload,
)
from apps.square.operations.revising import delete, edit

__all__ = [
    "PastPost",
    "delete",
    "deliver_due",
    "edit",
    "find_by_key",
    "import_posts",
    "issue_token",
    "join",
    "post",
    "post_once",
    "subscribe",
    "upload",
]
