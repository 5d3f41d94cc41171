"""Square's people, their posts, and the notices that carry posts to brands."""

import hashlib
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse

from apps.square.rules import LONGEST_HANDLE, LONGEST_KEY, LONGEST_NAME

HUES = 12


def fingerprint(token: str) -> str:
    """Return what is stored of a token; it is long and random, so a plain hash keeps it safe."""
    return hashlib.sha256(token.encode()).hexdigest()


class Person(models.Model):
    """Someone who writes on Square. A brand writes through the API with its bearer token."""

    handle = models.CharField(max_length=LONGEST_HANDLE)
    name = models.CharField(max_length=LONGEST_NAME)
    is_brand = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    token_sha256 = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Upper("handle"), name="square_handle_once_in_any_case"),
            models.CheckConstraint(
                condition=Q(token_sha256__isnull=True) | Q(is_brand=True),
                name="square_token_is_a_brands",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    def get_absolute_url(self) -> str:
        """Their page."""
        return reverse("square:person", args=[self.handle])

    @property
    def external_id(self) -> str:
        """Their id as programs know it."""
        return f"u{self.pk}"

    @property
    def hue(self) -> int:
        """Which of the avatar colours is theirs: the same handle always has the same."""
        return hashlib.sha256(self.handle.lower().encode()).digest()[0] % HUES

    @property
    def initials(self) -> str:
        """Up to two first letters of the name, for the avatar."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class PostQuerySet(models.QuerySet["Post"]):
    """Filters over posts."""

    def in_thread(self, root_id: int) -> Self:
        """The posts of one thread, its first included, oldest first."""
        return self.filter(Q(id=root_id) | Q(root_id=root_id)).order_by("id")

    def starting_threads(self) -> Self:
        """Posts that answer no other."""
        return self.filter(root__isnull=True)


class Post(models.Model):
    """One post. Ids rise in the order of writing; `root` is null for the first of a thread."""

    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    text = models.TextField()
    language = models.CharField(max_length=35, default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answers")
    root = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=LONGEST_KEY, null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "idempotency_key"], name="square_post_once_a_key"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, root__isnull=True)
                | Q(parent__isnull=False, root__isnull=False),
                name="square_reply_has_a_root",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(root__isnull=True),
                name="square_newest_threads",
            ),
            models.Index(fields=["author", "-created_at", "-id"], name="square_post_by_author"),
        ]

    def __str__(self) -> str:
        return f"post {self.pk} by person {self.author_id}"

    def get_absolute_url(self) -> str:
        """Its place in its thread's page."""
        page = reverse("square:thread", args=[self.thread_id])
        return page if self.root_id is None else f"{page}#p{self.pk}"

    @property
    def external_id(self) -> str:
        """Its id as programs know it."""
        return str(self.pk)

    @property
    def thread_id(self) -> int:
        """The id of the thread's first post."""
        return self.pk if self.root_id is None else self.root_id

    @property
    def url(self) -> str:
        """Where anybody can read it, with scheme and host."""
        return settings.DESK_URL + self.get_absolute_url()


class Media(models.Model):
    """A picture an author uploaded; the same bytes are kept once for each."""

    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="media")
    content_type = models.CharField(max_length=20)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "media"
        constraints = [
            models.UniqueConstraint(fields=["author", "sha256"], name="square_media_once")
        ]

    def __str__(self) -> str:
        return f"picture {self.pk} of person {self.author_id}"


class Picture(models.Model):
    """A picture in a post, with what it shows in words."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="pictures")
    media = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="+")
    alt = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"picture {self.media_id} in post {self.post_id}"


class Participation(models.Model):
    """A brand takes part in a thread: it wrote or was mentioned there, and hears what follows."""

    root = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="participations")
    brand = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="participations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["root", "brand"], name="square_takes_part_once")
        ]

    def __str__(self) -> str:
        return f"person {self.brand_id} in thread {self.root_id}"


class Subscription(models.Model):
    """Where a brand wants to hear of posts that concern it, and the secret that signs them."""

    brand = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="subscription")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=200, help_text="whsec_ and base64, as Standard Webhooks.")

    def __str__(self) -> str:
        return f"subscription of person {self.brand_id}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Filters over notices."""

    def due(self, *, at: datetime) -> Self:
        """Notices to be delivered at that instant, the longest due first."""
        return self.filter(delivered_at__isnull=True, next_at__lte=at).order_by("next_at", "id")


class Notice(models.Model):
    """News of one post on its way to one brand; it stays until the brand's desk answered 2xx."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="notices")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="notices")
    body = models.BinaryField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                condition=Q(delivered_at__isnull=True),
                name="square_notice_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"notice {self.pk} of post {self.post_id}"
