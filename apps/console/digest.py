"""The letter of figures: the dashboard's own, of a day or a week, in HTML and in plain text.

It goes to the desk's own people and says no word and no name of a customer's: letters leave the
desk.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from apps.agents.models import Cadence, Digest
from apps.console import spelling
from apps.console.figures_form import Shown
from apps.console.templatetags.figures import unequal_words
from apps.console.views.equal import GROUPS
from apps.conversations.models import Clock
from apps.reports import equal, wallboard
from apps.reports import queries as reports
from apps.reports.coverage import coverage
from apps.reports.figures import Figures
from apps.reports.periods import Period
from apps.reports.questions import By, Question

UNWELL = {wallboard.Health.PAUSED, wallboard.Health.LATE, wallboard.Health.STUCK}
KINDS = (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE, Clock.Kind.RESOLUTION)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of wait: all of it, the days before, and each channel."""

    kind: Clock.Kind
    total: Figures
    before: Figures
    lines: list[Figures]
    address: str


def letter(digest: Digest) -> EmailMultiAlternatives | None:
    """Write it with the figures as they are now; nothing for who left or changed their mind."""
    user, at = digest.user, timezone.now()
    if not user.is_active or user.digest != digest.cadence:
        return None
    question = Question(user=user, period=Period(digest.first, digest.last), at=at)
    parts = [_part(question, kind) for kind in KINDS]
    context = {
        "desk": settings.DESK_NAME,
        "base": settings.DESK_URL,
        "user": user,
        "period": question.period,
        "is_weekly": digest.cadence == Cadence.WEEKLY,
        "parts": parts,
        "tiles": wallboard.now(user=user, at=at),
        "channels": [
            one
            for one in coverage(user=user, at=at).channels
            if one.missing or one.now.health in UNWELL
        ],
        "warnings": _warnings(question) if digest.cadence == Cadence.WEEKLY else [],
        "now": at,
    }
    message = EmailMultiAlternatives(
        _subject(digest, parts[0].total),
        render_to_string("console/digest/letter.txt", context),
        to=[user.email],
        headers={"Message-ID": _message_id(digest)},
    )
    message.attach_alternative(render_to_string("console/digest/letter.html", context), "text/html")
    return message


def _part(question: Question, kind: Clock.Kind) -> Part:
    times = reports.response_times(question, kind=kind, by=By.CHANNEL)
    before = reports.response_times(question.before(), kind=kind)
    query = Shown(question=question, kind=kind, by=By.CHANNEL).query()
    address = f"{settings.DESK_URL}/dashboard/?{query}"
    return Part(kind, times.total, before.total, times.lines, address)


def _warnings(question: Question) -> list[str]:
    found = []
    for by in GROUPS:
        times = reports.response_times(question, kind=Clock.Kind.FIRST_RESPONSE, by=by)
        part = {"by": by, "total": times.total}
        found += [unequal_words(one, part) for one in equal.unequal(times.lines, times.total)]
    return found


def _subject(digest: Digest, total: Figures) -> str:
    days = f"{digest.first:%a} {digest.first.day} {digest.first:%b}"
    if digest.last != digest.first:
        days += f" to {digest.last:%a} {digest.last.day} {digest.last:%b}"
    median = "" if total.p50 is None else f", median {spelling.duration(total.p50)}"
    return f"{settings.DESK_NAME}, {days}: {total.count} first answers{median}"


def _message_id(digest: Digest) -> str:
    """The same for every attempt, so that mailboxes can tell a repetition."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<digest-{digest.user_id}-{digest.cadence}-{digest.first:%Y%m%d}@{host}>"
