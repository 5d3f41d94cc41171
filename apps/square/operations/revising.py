"""Second thoughts on Square: its author edits a post, or deletes it."""

from datetime import datetime

from django.db import transaction

from apps.square import rules, wire
from apps.square.models import Person, Post
from apps.square.operations.posting import let_brands_take_part, tell


@transaction.atomic
def edit(*, post: Post, by: Person, text: str, at: datetime) -> None:
    """Change the text, and tell the thread's brands; the same text again is no edit.

    Raises RuleError if it is not theirs to change, or the text may not be posted.
    """
    present = _own(post, by=by)
    said = rules.text(text)
    if said == present.text:
        return
    present.text, present.edited_at = said, at
    present.save(update_fields=["text", "edited_at"])
    mentions = let_brands_take_part([present])
    tell(present, body=wire.notice(present, mentions=mentions), at=at)


@transaction.atomic
def delete(*, post: Post, by: Person, at: datetime) -> None:
    """Take a post off the pages, and tell the thread's brands; its answers stay.

    Raises RuleError if it is not theirs to delete.
    """
    present = _own(post, by=by)
    present.text, present.deleted_at = "", at
    present.save(update_fields=["text", "deleted_at"])
    tell(present, body=wire.removal(present, deleted_at=at), at=at)


def _own(post: Post, *, by: Person) -> Post:
    present = Post.objects.select_for_update(of=("self",)).select_related("author").get(id=post.pk)
    if present.author_id != by.pk:
        raise rules.RuleError(f"@{present.author.handle} wrote this: only they can change it.")
    if present.deleted_at is not None:
        raise rules.RuleError("This post was deleted already.")
    return present
