"""How the desk stands at this moment: who waits, what flows, who is there, how channels are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateTimeField,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Extract

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.conversations.queries import inbox
from apps.intake.models import Delivery
from apps.intake.queries import set_aside_for
from apps.reports import present
from apps.reports.exactly import Percentile
from apps.reports.present import SLICE, SLICES, live_channels
from apps.reports.promises import past_due

BEHIND = timedelta(minutes=2)
MOST_PEOPLE = 200
LAG = Extract(F("received_at") - F("posted_at"), "epoch")
"""Seconds from when a message was said until we had it."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Five minutes: how many messages of customers came in, and how many answers were accepted."""

    begins_at: datetime
    arrivals: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How the desk stands. Every number is of the channels this person counts, archives aside.

    `at_risk` waits are past the point at which people are warned, the first due at
    `next_due_at`; `past_due` ones are due and unanswered, the longest since `past_due_since`.
    `flow` is the last hour in slices of five minutes, the newest last.
    """

    waiting: int
    unassigned: int
    unseen: int
    oldest: Conversation | None
    at_risk: int
    next_due_at: datetime | None
    past_due: int
    past_due_since: datetime | None
    answered_today: int
    asked_today: int
    flow: Sequence[Slice]

    @property
    def newest(self) -> Slice:
        """The last five minutes."""
        return self.flow[-1]

    @property
    def busiest(self) -> int:
        """The most that came in or went out in one slice, at least 1: the scale of a drawing."""
        return max(1, *(max(one.arrivals, one.answers) for one in self.flow))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonNow:
    """Whether somebody is there, what they have in hand, and since when somebody waits for them."""

    user: User
    name: str
    standing: str
    load: int
    capacity: int
    oldest: datetime | None


class Health(StrEnum):
    """How well a channel is; the first that fits."""

    NEVER = "never"  # nothing ever came in
    PAUSED = "paused"  # replies wait, by an admin's decision
    STUCK = "stuck"  # what came in waits to be taken in
    LATE = "late"  # what comes in was said minutes before
    WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNow:
    """How one channel is. `lag` is the median of seconds between posted and received over the last
    hour, None where nothing came; `stuck_since` the oldest delivery that waits to be taken in.
    """

    channel: Channel
    waiting: int
    oldest: datetime | None
    arrivals: int
    lag: float | None
    longest_lag: float | None
    stuck_since: datetime | None
    set_aside: int
    health: Health


def now(*, user: User, at: datetime) -> Now:
    """Count what a manager asks first; an agent reads the sums of their teams."""
    live = live_channels(user)
    return Now(
        oldest=inbox.waiting_longest(user, at=at),
        flow=_flow(live, at=at),
        **_attention(live),
        **_promised(live, at=at),
        **_today(live, at=at),
    )


def people_now(*, user: User, at: datetime) -> list[PersonNow]:
    """Everybody on shift in this person's teams; those who let wait longest first.

    An agent sees themselves alone.
    """
    oldest = Conversation.objects.open().filter(
        assignee=OuterRef("id"), waiting_since__isnull=False
    )
    found = (
        User.objects.colleagues_of(user)
        .on_shift(at=at)
        .with_standing(at=at)
        .annotate(
            load=inbox.OPEN_CONVERSATIONS,
            oldest=Subquery(oldest.order_by("waiting_since").values("waiting_since")[:1]),
        )
        .order_by(F("oldest").asc(nulls_last=True), "name", "id")
    )
    return [
        PersonNow(
            user=one,
            name=one.name,
            standing=one.standing,
            load=one.load,
            capacity=one.capacity,
            oldest=one.oldest,
        )
        for one in (found if user.leads else found.filter(id=user.pk))[:MOST_PEOPLE]
    ]


def channels_now(*, user: User, at: datetime) -> list[ChannelNow]:
    """Every live channel this person counts, by name."""
    live = live_channels(user)
    waiting = _by_channel(
        Conversation.objects.open().filter(channel__in=live, waiting_since__isnull=False),
        count=Count("id"),
        oldest=Min("waiting_since"),
    )
    heard = _by_channel(
        _heard(live, at=at),
        count=Count("id"),
        lag=Percentile(0.5, LAG, filter=Q()),
        worst=Max(LAG),
    )
    stuck = _by_channel(Delivery.objects.filter(drained_at__isnull=True), since=Min("received_at"))
    aside = {
        row["delivery__channel"]: row["number"]
        for row in set_aside_for(user)
        .order_by()
        .values("delivery__channel")
        .annotate(number=Count("id"))
    }
    return [
        _channel(
            channel,
            waiting.get(channel.pk, {}),
            heard.get(channel.pk, {}),
            stuck.get(channel.pk, {}).get("since"),
            aside.get(channel.pk, 0),
            at=at,
        )
        for channel in live.order_by("handle", "id")
    ]


def _attention(live: QuerySet[Channel]) -> dict[str, Any]:
    return present.attention(live).aggregate(
        waiting=Count("id", filter=present.WAITING),
        unassigned=Count("id", filter=present.UNASSIGNED),
        unseen=Count("id", filter=present.UNSEEN),
    )


def _promised(live: QuerySet[Channel], *, at: datetime) -> dict[str, Any]:
    is_past, is_risky = past_due(at), present.at_risk(at)
    return present.promised(live).aggregate(
        at_risk=Count("id", filter=is_risky),
        next_due_at=Min("due_at", filter=is_risky),
        past_due=Count("id", filter=is_past),
        past_due_since=Min("due_at", filter=is_past),
    )


def _today(live: QuerySet[Channel], *, at: datetime) -> dict[str, Any]:
    return present.today(live, at=at).aggregate(
        answered_today=Count("id", filter=present.ANSWERED_TODAY),
        asked_today=Count("id", filter=present.ASKED_TODAY),
    )


def _flow(live: QuerySet[Channel], *, at: datetime) -> list[Slice]:
    first = at - SLICES * SLICE
    rows = (
        present.said(live)
        .filter(present.came_in(first) | present.went_out(first))
        .order_by()
        .values_list("direction", _slice(first))
        .annotate(number=Count("id"))
    )
    counted = {(direction, begins_at): number for direction, begins_at, number in rows}
    slices = [first + place * SLICE for place in range(SLICES)]
    return [
        Slice(
            begins_at,
            counted.get((Message.Direction.INBOUND, begins_at), 0),
            counted.get((Message.Direction.OUTBOUND, begins_at), 0),
        )
        for begins_at in slices
    ]


def _slice(first: datetime) -> Func:
    """The beginning of the slice in which a message came in or went out."""
    is_in = When(direction=Message.Direction.INBOUND, then=F("received_at"))
    happened_at = Case(is_in, default=F("posted_at"))
    return Func(
        Value(SLICE), happened_at, Value(first), function="date_bin", output_field=DateTimeField()
    )


def _heard(live: QuerySet[Channel], *, at: datetime) -> QuerySet[Message]:
    inbound = Message.objects.filter(channel__in=live, direction=Message.Direction.INBOUND)
    return inbound.filter(received_at__gt=at - SLICES * SLICE)


def _by_channel(found: QuerySet[Any], **measures: Aggregate) -> dict[int, dict[str, Any]]:
    rows = found.order_by().values("channel").annotate(**measures)
    return {row["channel"]: row for row in rows}


def _channel(
    channel: Channel,
    waiting: dict[str, Any],
    heard: dict[str, Any],
    stuck_since: datetime | None,
    set_aside: int,
    *,
    at: datetime,
) -> ChannelNow:
    lag = heard.get("lag")
    return ChannelNow(
        channel=channel,
        waiting=waiting.get("count", 0),
        oldest=waiting.get("oldest"),
        arrivals=heard.get("count", 0),
        lag=None if lag is None else max(0.0, lag),
        longest_lag=heard.get("worst"),
        stuck_since=stuck_since,
        set_aside=set_aside,
        health=_health(channel, lag, stuck_since, at=at),
    )


def _health(
    channel: Channel, lag: float | None, stuck_since: datetime | None, *, at: datetime
) -> Health:
    if channel.paused_at is not None:
        return Health.PAUSED
    if stuck_since is not None and at - stuck_since > BEHIND:
        return Health.STUCK
    if channel.last_delivery_at is None and lag is None:
        return Health.NEVER
    return Health.LATE if lag is not None and lag > BEHIND.total_seconds() else Health.WELL
