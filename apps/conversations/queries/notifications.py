"""What somebody was told: how much of it is unread, the newest of it, and page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.agents.models import User
from apps.conversations.models import Notification
from apps.conversations.models.notification import NotificationQuerySet

PAGE = 50
MOST_COUNTED = 100
MOST_NEWS = 3


@dataclass(frozen=True, slots=True)
class Page:
    """Some notifications, the newest first, and the id before which the next ones stand."""

    notifications: Sequence[Notification]
    before: int | None


@dataclass(frozen=True, slots=True)
class Unread:
    """How many are unread, as far as MOST_COUNTED, and the newest one's id; 0 where none is."""

    count: int
    newest_id: int


def page(user: User, *, before: int | None = None) -> Page:
    """Return the next notifications before this one; without one, the newest."""
    shown = _shown(user)
    if before is not None:
        shown = shown.filter(id__lt=before)
    found = list(shown[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def unread(user: User) -> Unread:
    """Return what this person has not looked at, in one statement."""
    found = list(unread_ids(user))
    return Unread(len(found), max(found, default=0))


def unread_ids(user: User) -> "QuerySet[Notification, int]":
    """Return the ids of what this person has not looked at, the newest first."""
    ids = Notification.objects.shown_to(user).unread_by(user).order_by("-id")
    return ids.values_list("id", flat=True)[:MOST_COUNTED]


def news(user: User, *, after: int) -> Sequence[Notification]:
    """Return the newest unread ones that came after this id, the newest last."""
    return list(_shown(user).unread_by(user).filter(id__gt=after)[:MOST_NEWS])[::-1]


def _shown(user: User) -> NotificationQuerySet:
    shown = Notification.objects.shown_to(user).order_by("-id")
    return shown.select_related("conversation__channel", "conversation__identity", "message", "by")
