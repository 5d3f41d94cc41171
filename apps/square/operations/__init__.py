"""What people, brands and time do on Square."""

from apps.square.operations.delivering import deliver_due
from apps.square.operations.people import issue_token, join, subscribe
from apps.square.operations.posting import PastPost, find_by_key, import_posts, post, post_once

__all__ = [
    "PastPost",
    "deliver_due",
    "find_by_key",
    "import_posts",
    "issue_token",
    "join",
    "post",
    "post_once",
    "subscribe",
]
