"""What the desk counts: one way for page, command, API and CSV."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.agents.models import User
from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.queries import inbox
from apps.reports import exactly
from apps.reports.counted import RESPONSES, seen_by
from apps.reports.figures import Figures, Said, Times, Volume
from apps.reports.lines import lines_of
from apps.reports.periods import Period
from apps.reports.questions import By, Question

LATELY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How the desk stands at this moment.

    Of those who are `waiting`, `unassigned` are nobody's, `at_risk` have used up so much of what
    was promised that people are warned, and `past_due` all of it. `asked_today` are the waits that
    began today and called for an answer, `answered_today` those of them that got one. `came_in`
    and `went_out` are the messages of the last five minutes.
    """

    waiting: int
    unassigned: int
    unseen: int
    at_risk: int
    past_due: int
    oldest: Conversation | None
    answered_today: int
    asked_today: int
    came_in: int
    went_out: int


def response_times(question: Question, *, kind: Clock.Kind, by: By | None = None) -> Times:
    """Measure the waits of one kind, resolutions among them, in all and line by line.

    Figures are exact to the stored microsecond, with percentiles by linear interpolation
    (`percentile_cont`).
    """
    return Times(
        question=question,
        kind=kind,
        by=by,
        total=Figures(key=None, label="All", **exactly.measure(question, kind)),
        lines=lines_of(
            exactly.measure_by(question, kind, by),
            question=question,
            by=by,
            make=Figures,
            amount=lambda line: line.total,
        )
        if by
        else [],
    )


def volume(question: Question, *, by: By | None = None) -> Volume:
    """Count what was said, in all and line by line: what customers wrote, on any surface, and what
    the network accepted of the desk's, whoever posted it there.
    """
    return Volume(
        question=question,
        by=by,
        total=Said(key=None, label="All", **exactly.count(question)),
        lines=lines_of(
            exactly.count_by(question, by),
            question=question,
            by=by,
            make=Said,
            amount=lambda line: line.inbound + line.outbound,
        )
        if by
        else [],
    )


def now(*, user: User, at: datetime) -> Now:
    """Who waits at this moment, and how today went so far."""
    live = seen_by(user).exclude(network__in=RECEIVING_ONLY)
    waits = Q(waiting_since__isnull=False)
    is_due = Q(wait__due_at__lt=at)
    counts = (
        Conversation.objects.open()
        .needing_attention()
        .filter(channel__in=live)
        .with_wait()
        .aggregate(
            waiting=Count("id", filter=waits),
            unassigned=Count("id", filter=waits & Q(assignee__isnull=True)),
            unseen=Count("id", filter=Q(unseen_since__isnull=False)),
            at_risk=Count("id", filter=Q(wait__warn_at__lte=at) & ~is_due),
            past_due=Count("id", filter=is_due),
        )
    )
    today = Clock.objects.filter(
        channel__in=live,
        kind__in=RESPONSES,
        started_at__gte=Period.of_days(1, at=at).starts_at,
    ).aggregate(
        answered_today=Count("id", filter=exactly.ANSWERED),
        asked_today=Count("id", filter=~exactly.DISMISSED | exactly.RUNNING),
    )
    lately = Message.objects.filter(
        channel__in=live, posted_at__gt=at - LATELY, posted_at__lte=at
    ).aggregate(
        came_in=Count("id", filter=Q(direction=Message.Direction.INBOUND)),
        went_out=Count("id", filter=Q(direction=Message.Direction.OUTBOUND)),
    )
    return Now(oldest=inbox.waiting_longest(user, at=at), **counts, **today, **lately)
