"""What Square's pages and programs read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from apps.square import rules
from apps.square.models import Media, Notice, Person, Post, fingerprint

PAGE = 20
LONGEST_THREAD = 200
NOTICES = 200
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """Some posts, newest first, and the post after which the next page goes on, if there is one."""

    posts: Sequence[Post]
    older: Post | None


@dataclass(frozen=True, slots=True)
class Replies:
    """How many posts answer the first of a thread, and whether a brand's is among them."""

    count: int = 0
    by_brand: bool = False


def newest_threads(*, before: Post | None) -> Page:
    """Return the first posts of the newest threads."""
    return _page(Post.objects.starting_threads(), before)


def posts_by(person: Person, *, before: Post | None) -> Page:
    """Return what one person wrote."""
    return _page(Post.objects.filter(author=person), before)


def replies_to(roots: Sequence[Post]) -> dict[int, Replies]:
    """Return the replies of the threads that these posts begin, by thread."""
    counted = (
        Post.objects.filter(root__in=roots)
        .values_list("root_id")
        .annotate(count=Count("id"), by_brand=Count("id", filter=Q(author__is_brand=True)))
    )
    return {root_id: Replies(count, by_brand > 0) for root_id, count, by_brand in counted}


def thread(root_id: int) -> list[Post]:
    """Return the newest posts of a thread, oldest first; empty if there is none."""
    newest = _with_people(Post.objects.in_thread(root_id)).order_by("-id")[:LONGEST_THREAD]
    return list(newest)[::-1]


def later_in_thread(root_id: int, *, after: int) -> list[Post]:
    """Return the posts of a thread with a greater id, oldest first."""
    return list(_with_people(Post.objects.in_thread(root_id)).filter(id__gt=after))


def threads_since(newest: Post) -> int:
    """Count the threads begun after that one."""
    return Post.objects.starting_threads().filter(created_at__gt=newest.created_at).count()


def find_post(written: str) -> Post | None:
    """Return the post with that id, as programs write it; None for anything else."""
    if not written.isascii() or not written.isdecimal() or len(written) > len(str(LARGEST_ID)):
        return None
    post_id = min(int(written), LARGEST_ID)
    return _with_people(Post.objects.filter(id=post_id)).first()


def find_media(written: str, *, author: Person | None = None) -> Media | None:
    """Return a picture by its id, of one author if named; None for anything else."""
    if not written.isascii() or not written.isdecimal() or len(written) > len(str(LARGEST_ID)):
        return None
    found = Media.objects.filter(id=min(int(written), LARGEST_ID))
    return (found if author is None else found.filter(author=author)).first()


def find_person(handle: str) -> Person | None:
    """Return the person with that handle in any case; None for what can be no handle."""
    if not rules.is_handle(handle):
        return None
    return Person.objects.filter(handle__iexact=handle).first()


def customers_called(handles: Sequence[str]) -> list[Person]:
    """Return the customers with exactly these handles, in the order given."""
    found = {p.handle: p for p in Person.objects.filter(handle__in=handles, is_brand=False)}
    return [found[handle] for handle in handles if handle in found]


def brands() -> QuerySet[Person]:
    """Return the brands on Square by name."""
    return Person.objects.filter(is_brand=True).order_by("name", "id")


def brand_with(token: str) -> Person | None:
    """Return the brand that a bearer token belongs to."""
    return Person.objects.filter(is_brand=True, token_sha256=fingerprint(token)).first()


def _page(posts: QuerySet[Post], before: Post | None) -> Page:
    if before is not None:
        at = before.created_at
        posts = posts.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=before.pk))
    newest = (
        posts.select_related("author").prefetch_related("pictures").order_by("-created_at", "-id")
    )
    found = list(newest[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None)


def _with_people(posts: QuerySet[Post]) -> QuerySet[Post]:
    return posts.select_related("author", "parent__author").prefetch_related("pictures")


def notices_since(brand: Person, *, since: datetime, after: int) -> list[Notice]:
    """Return a page of what this brand was told of posts written since then, taken or not."""
    found = Notice.objects.filter(
        subscription__brand=brand, post__created_at__gte=since, id__gt=after
    )
    return list(found.order_by("id")[:NOTICES])
