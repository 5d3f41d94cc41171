"""What the dashboard counts. Every figure and the list behind it come from the same filter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from apps.agents.models import User
from apps.channels.models import Channel
from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Clock, Conversation
from apps.conversations.queries import inbox
from apps.reports.periods import Period, zone
from apps.reports.promises import BREACHED, MET, past_due

RESPONSES = (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE)


class Percentile(Aggregate):
    """`percentile_cont`: linear interpolation, exact to the stored microsecond."""

    function = "percentile_cont"
    output_field = FloatField()

    def __init__(self, share: float, expression: str, *, filter: Q) -> None:  # noqa: A002
        super().__init__(expression, filter=filter)
        self.template = f"%(function)s({share:g}) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Response times of a group: of the answered waits, with the running ones beside them.

    `count` waits ended with a reply; `dismissed` ended with a person's "no reply needed";
    `running` still wait, the longest since `running_since`. Percentiles are seconds. Of those that
    were promised something, `met` ended no later than due, `breached` later, and `past_due` still
    run though they are due.
    """

    key: int | date | None
    label: str
    count: int
    dismissed: int
    running: int
    running_since: datetime | None
    p50: float | None
    p90: float | None
    p99: float | None
    met: int
    breached: int
    past_due: int

    @property
    def compliance(self) -> float | None:
        """Share of the promises kept, 0 to 1, broken ones that still wait included (clocks.md)."""
        judged = self.met + self.breached + self.past_due
        return self.met / judged if judged else None

    @property
    def total(self) -> int:
        """All waits of the group, however they stand."""
        return self.count + self.dismissed + self.running

    @property
    def answered_share(self) -> float | None:
        """Share of the waits that called for an answer and got one, 0 to 1."""
        called = self.count + self.running
        return self.count / called if called else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How the desk stands at this moment."""

    waiting: int
    unassigned: int
    unseen: int
    oldest: Conversation | None
    answered_today: int
    asked_today: int


def waits(
    *,
    user: User,
    period: Period,
    kind: str,
    channel_id: int | None = None,
    agent_id: int | None = None,
) -> QuerySet[Clock]:
    """The waits that began in the period, as far as this person may see them.

    An agent's are those they are credited with: only what somebody answered has an agent.
    """
    found = Clock.objects.filter(
        channel__in=seen_by(user),
        kind=kind,
        started_at__gte=period.starts_at,
        started_at__lt=period.ends_at,
    )
    if channel_id is not None:
        found = found.filter(channel=channel_id)
    if agent_id is not None:
        found = found.filter(credited_to=agent_id)
    return found


def overall(*, user: User, period: Period, kind: str, at: datetime) -> Figures:
    """All of the period in one line."""
    row = waits(user=user, period=period, kind=kind).aggregate(**_measures(at))
    return _figures([{"key": None, "label": "All", **row}])[0]


def by_channel(*, user: User, period: Period, kind: str, at: datetime) -> list[Figures]:
    """One line a channel, busiest first."""
    rows = (
        waits(user=user, period=period, kind=kind)
        .values(key=F("channel_id"), label=F("channel__handle"))
        .annotate(**_measures(at))
    )
    return sorted(_figures(rows), key=lambda line: (-line.total, line.label))


def by_agent(*, user: User, period: Period, kind: str, at: datetime) -> list[Figures]:
    """One line a person who sent replies, by name: credit goes to the sender, not the assignee."""
    found = waits(user=user, period=period, kind=kind).filter(credited_to__isnull=False)
    if not user.leads:
        found = found.filter(credited_to=user)
    rows = (
        found.values(key=F("credited_to_id"), label=F("credited_to__name"))
        .annotate(**_measures(at))
        .order_by("label", "key")
    )
    return _figures(rows)


def by_day(*, user: User, period: Period, kind: str, at: datetime) -> list[Figures]:
    """One line a day of the desk's zone on which a wait began."""
    rows = (
        waits(user=user, period=period, kind=kind)
        .values(key=TruncDate("started_at", tzinfo=zone()))
        .annotate(**_measures(at))
        .order_by("key")
    )
    return _figures({"label": f"{row['key']:%d %b}", **row} for row in rows)


def now(*, user: User, at: datetime) -> Now:
    """Who waits at this moment, and how today went so far."""
    live = seen_by(user).exclude(network__in=RECEIVING_ONLY)
    attention = Conversation.objects.open().needing_attention().filter(channel__in=live)
    counts = attention.aggregate(
        waiting=Count("id", filter=Q(waiting_since__isnull=False)),
        unassigned=Count("id", filter=Q(waiting_since__isnull=False, assignee__isnull=True)),
        unseen=Count("id", filter=Q(unseen_since__isnull=False)),
    )
    today = Clock.objects.filter(
        channel__in=live,
        kind__in=RESPONSES,
        started_at__gte=Period.of_days(1, at=at).starts_at,
    ).aggregate(
        answered_today=Count("id", filter=Q(stop=Clock.Stop.REPLY)),
        asked_today=Count("id", filter=~Q(stop=Clock.Stop.NO_REPLY_NEEDED) | Q(stop__isnull=True)),
    )
    return Now(oldest=inbox.waiting_longest(user, at=at), **counts, **today)


_ANSWERED = Q(stop=Clock.Stop.REPLY)


def _measures(at: datetime) -> dict[str, Aggregate]:
    return {
        "count": Count("id", filter=_ANSWERED),
        "dismissed": Count("id", filter=Q(stop=Clock.Stop.NO_REPLY_NEEDED)),
        "running": Count("id", filter=Q(stop__isnull=True)),
        "running_since": Min("started_at", filter=Q(stop__isnull=True)),
        "p50": Percentile(0.5, "customer_seconds", filter=_ANSWERED),
        "p90": Percentile(0.9, "customer_seconds", filter=_ANSWERED),
        "p99": Percentile(0.99, "customer_seconds", filter=_ANSWERED),
        "met": Count("id", filter=MET),
        "breached": Count("id", filter=BREACHED),
        "past_due": Count("id", filter=past_due(at)),
    }


def _figures(rows: Iterable[Mapping[str, Any]]) -> list[Figures]:
    return [Figures(**row) for row in rows]


def seen_by(user: User) -> QuerySet[Channel]:
    """Managers and agents count their teams' channels, admins all."""
    return Channel.objects.answered_by(user)
