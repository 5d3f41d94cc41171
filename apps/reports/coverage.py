"""Whether the desk hears all that is said to it: lag, gaps, what came late, what was set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Message
from apps.intake.models import Comparison, Gap
from apps.reports.exactly import Percentile
from apps.reports.present import live_channels
from apps.reports.wallboard import LAG, ChannelNow, channels_now

DAYS = 7
LATE = timedelta(minutes=10)
SHOWN = 50
IS_LATE = Q(received_at__gt=F("posted_at") + LATE)
_SAME = {"channel": OuterRef("channel"), "external_id": OuterRef("external_id")}
IS_MISSING = ~Exists(Message.objects.filter(**_SAME))
"""Of a gap: it was found, and still is not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What a channel heard in the last DAYS days.

    `lag_p50` and `lag_p99` are seconds from posted to received, `late` how many messages took
    longer than LATE. `compared` is the last time its network was asked for what it told, None where
    it can't be; `found` were missing then and taken in, `missing` of those still are not stored.
    """

    now: ChannelNow
    heard: int
    lag_p50: float | None
    lag_p99: float | None
    late: int
    compared: Comparison | None
    found: int
    missing: int


@dataclass(frozen=True, slots=True)
class Late:
    """A message that came late, by how many seconds, and whether only because we asked for it."""

    message: Message
    lag: float
    is_found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All channels this person counts, and the newest of what came late."""

    channels: Sequence[Covered]
    late: Sequence[Late]


def coverage(*, user: User, at: datetime) -> Coverage:
    """Look at the last DAYS days."""
    since = at - timedelta(days=DAYS)
    live = live_channels(user)
    heard = {row["channel"]: row for row in _heard(live, since)}
    told = {row["channel"]: row for row in _gaps(live, since)}
    compared = Comparison.objects.in_bulk([channel.pk for channel in live])
    return Coverage(
        channels=[
            _covered(
                one,
                heard.get(one.channel.pk, {}),
                told.get(one.channel.pk, {}),
                compared.get(one.channel.pk),
            )
            for one in channels_now(user=user, at=at)
        ],
        late=_late(live, since),
    )


def inbound(live: QuerySet[Channel], since: datetime) -> QuerySet[Message]:
    """Return what customers said that was received since then."""
    return Message.objects.filter(
        channel__in=live, direction=Message.Direction.INBOUND, received_at__gte=since
    )


def gaps(live: QuerySet[Channel], since: datetime) -> QuerySet[Gap]:
    """Return what was found to be missing since then, taken in by now or not."""
    return Gap.objects.filter(channel__in=live, found_at__gte=since)


def _heard(live: QuerySet[Channel], since: datetime) -> QuerySet[Any, Any]:
    return (
        inbound(live, since)
        .order_by()
        .values("channel")
        .annotate(
            heard=Count("id"),
            late=Count("id", filter=IS_LATE),
            lag_p50=Percentile(0.5, LAG, filter=Q()),
            lag_p99=Percentile(0.99, LAG, filter=Q()),
        )
    )


def _gaps(live: QuerySet[Channel], since: datetime) -> QuerySet[Any, Any]:
    found = gaps(live, since).values("channel")
    return found.annotate(found=Count("id"), missing=Count("id", filter=IS_MISSING))


def _late(live: QuerySet[Channel], since: datetime) -> list[Late]:
    gap = Gap.objects.filter(**_SAME)
    found = (
        inbound(live, since)
        .filter(IS_LATE)
        .annotate(is_found=Exists(gap), lag=LAG)
        .select_related("channel", "identity")
        .defer("text")
    )
    newest = found.order_by("-received_at", "-id")[:SHOWN]
    return [Late(message, message.lag, message.is_found) for message in newest]


def _covered(
    now: ChannelNow,
    heard: dict[str, Any],
    gaps: dict[str, Any],
    compared: Comparison | None,
) -> Covered:
    return Covered(
        now=now,
        compared=compared,
        **{"heard": 0, "late": 0, "lag_p50": None, "lag_p99": None}
        | {name: value for name, value in heard.items() if name != "channel"},
        **{"found": 0, "missing": 0}
        | {name: value for name, value in gaps.items() if name != "channel"},
    )
