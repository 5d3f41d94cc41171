"""Writing on Square: one post with its notices, or a history without them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Upper

from apps.common.doorbell import ring_after_commit
from apps.square import rules, wire
from apps.square.models import (
    Media,
    Notice,
    Participation,
    Person,
    Picture,
    Post,
    Subscription,
)

DELIVER = "square.deliver"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPost:
    """A post of a history; `parent` is the position of an earlier one in the same history."""

    author: Person
    text: str
    at: datetime
    parent: int | None = None
    language: str = ""


def post(
    *,
    author: Person,
    text: str,
    parent: Post | None = None,
    language: str = "",
    at: datetime,
    idempotency_key: str | None = None,
) -> Post:
    """Publish a post as `post_once` does, and return it."""
    published, _ = post_once(
        author=author,
        text=text,
        parent=parent,
        language=language,
        at=at,
        idempotency_key=idempotency_key,
    )
    return published


def post_once(
    *,
    author: Person,
    text: str,
    parent: Post | None,
    language: str,
    at: datetime,
    idempotency_key: str | None,
    pictures: Sequence[tuple[Media, str]] = (),
) -> tuple[Post, bool]:
    """Publish a post, and with it a notice to every brand it concerns; true if it is new.

    A brand is concerned by posts that mention it, by everything in a thread where it wrote or was
    mentioned, and by its own posts. The same key by the same author gives the first post again.
    `pictures` are shown with it, each with its description. Raises RuleError if it may not be
    posted.
    """
    said, key, spoken = rules.text(text), rules.key(idempotency_key), rules.language(language)
    described = [(media, rules.alt(alt)) for media, alt in pictures]
    if len(described) > rules.MOST_PICTURES:
        raise rules.RuleError(f"A post has at most {rules.MOST_PICTURES} pictures.")
    try:
        with transaction.atomic():
            _wait_for_the_thread(parent)
            earlier = find_by_key(author=author, key=key)
            if earlier is not None:
                return earlier, False
            published = Post.objects.create(
                author=author,
                text=said,
                language=spoken,
                parent=parent,
                root_id=None if parent is None else parent.thread_id,
                created_at=at,
                idempotency_key=key,
            )
            Picture.objects.bulk_create(
                Picture(post=published, media=media, alt=alt) for media, alt in described
            )
            mentions = let_brands_take_part([published])
            tell(published, body=wire.notice(published, mentions=mentions), at=at)
            return published, True
    except IntegrityError:
        # A parallel copy of the same request was first; anything else is an error of ours.
        earlier = find_by_key(author=author, key=key)
        if earlier is None:
            raise
        return earlier, False


def upload(*, author: Person, body: bytes, at: datetime) -> Media:
    """Keep a picture for posts to come; the same bytes again are the same picture."""
    kind = rules.picture(body)
    media, _ = Media.objects.get_or_create(
        author=author,
        sha256=sha256(body).hexdigest(),
        defaults={"content_type": kind, "body": body, "created_at": at},
    )
    return media


def find_by_key(*, author: Person, key: str | None) -> Post | None:
    """Return what this author posted with this key; RuleError for what can be no key."""
    if key is None:
        return None
    return Post.objects.filter(author=author, idempotency_key=rules.key(key)).first()


@transaction.atomic
def import_posts(*, posts: Sequence[PastPost]) -> list[Post]:
    """Store a history, oldest first, without telling anybody; brands take part as they would."""
    written = [
        Post(
            id=post_id,
            author=past.author,
            text=rules.text(past.text),
            language=rules.language(past.language),
            created_at=past.at,
        )
        for post_id, past in zip(_new_post_ids(len(posts)), posts, strict=True)
    ]
    for new, past in zip(written, posts, strict=True):
        if past.parent is not None:
            new.parent = written[past.parent]
            new.root_id = written[past.parent].thread_id
    Post.objects.bulk_create(written)
    let_brands_take_part(written)
    return written


def _wait_for_the_thread(parent: Post | None) -> None:
    """Let one post at a time into a thread, so that its ids rise in the order of commits."""
    if parent is not None:
        Post.objects.select_for_update().get(id=parent.thread_id)
        if Post.objects.filter(id=parent.pk, deleted_at__isnull=False).exists():
            raise rules.RuleError("The post you answer was deleted: answer another one.")


def tell(about: Post, *, body: bytes, at: datetime) -> None:
    """Give the notice to every brand that takes part in the post's thread."""
    subscriptions = Subscription.objects.filter(brand__participations__root_id=about.thread_id)
    notices = [
        Notice(subscription=subscription, post=about, body=body, next_at=at)
        for subscription in subscriptions
    ]
    if notices:
        Notice.objects.bulk_create(notices)
        ring_after_commit(DELIVER)


def let_brands_take_part(posts: Iterable[Post]) -> list[Person]:
    """Write down which brands wrote or were mentioned in which thread; return the mentioned."""
    posts = list(posts)
    tokens = {token for one in posts for token in rules.mentioned(one.text)}
    brands = {brand.handle.upper(): brand for brand in _brands_called(tokens)}
    pairs = {(one.thread_id, one.author_id) for one in posts if one.author.is_brand}
    pairs |= {
        (one.thread_id, brands[token].pk)
        for one in posts
        for token in rules.mentioned(one.text) & brands.keys()
    }
    Participation.objects.bulk_create(
        [Participation(root_id=root_id, brand_id=brand_id) for root_id, brand_id in sorted(pairs)],
        ignore_conflicts=True,
    )
    return list(brands.values())


def _brands_called(handles: Iterable[str]) -> Iterable[Person]:
    brands = Person.objects.filter(is_brand=True).annotate(called=Upper("handle"))
    return brands.filter(called__in=list(handles))


def _new_post_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('square_post', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return sorted(post_id for (post_id,) in cursor.fetchall())
