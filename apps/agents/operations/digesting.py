"""Letters of figures: who is to get one today, and of which days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from apps.agents.models import Cadence, Digest, User

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def make_due(*, at: datetime) -> int:
    """Make a letter for everybody who wants one and has none yet; return how many were made.

    From DIGEST_HOUR on: daily ones of yesterday, weekly ones of the last whole week, Monday to
    Sunday, on whatever day of the next the desk first comes to it. What a desk that was down
    missed before that is not told any more.
    """
    now = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    if now.hour < settings.DIGEST_HOUR:
        return 0
    today = now.date()
    wanted = [_letter(user, today, at) for user in _wanting()]
    missing = [one for one in wanted if not _is_made(one)]
    # Another scheduler may make the same in this moment: each is made once all the same.
    Digest.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def days_of(cadence: str, today: date) -> tuple[date, date]:
    """Return the first and last day that a letter made today tells of."""
    if cadence == Cadence.WEEKLY:
        monday = today - timedelta(days=today.weekday()) - WEEK
        return monday, monday + 6 * DAY
    return today - DAY, today - DAY


def _wanting() -> QuerySet[User]:
    found: QuerySet[User] = User.objects.filter(is_active=True).exclude(digest="")
    return found.order_by("id")


def _letter(user: User, today: date, at: datetime) -> Digest:
    first, last = days_of(user.digest, today)
    return Digest(
        user=user, cadence=user.digest, first=first, last=last, made_on=today, not_before=at
    )


def _is_made(letter: Digest) -> bool:
    same = Q(cadence=letter.cadence, first=letter.first) | Q(made_on=letter.made_on)
    return Digest.objects.filter(same, user=letter.user).exists()
