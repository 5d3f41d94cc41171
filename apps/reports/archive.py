"""What the channels of imported archives hold, and how long people waited there, in figures."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, Message, Thread
from apps.reports.exactly import Percentile
from apps.reports.promises import BREACHED, MET

_ANSWERED = Q(stop=Clock.Stop.REPLY)
_RESPONSES = (Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE)
_SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}

Figures = dict[str, Any]


def archive_figures(channels: Collection[Channel], *, left_out: int) -> Figures:
    """Return the figures of each channel by its account, and of all together.

    `threads` at the top counts a thread once, `all` once in each of its channels. Percentiles are
    seconds with linear interpolation (`percentile_cont`), None where nothing was answered.
    `left_out` is how many threads of the file concern none of the channels. Where a policy judges
    some of the waits, `promised` tells how those stand.
    """
    each = {channel.account_id: _channel(channel) for channel in sorted(channels, key=_account)}
    threads = Thread.objects.filter(channel__in=channels)
    clocks = Clock.objects.filter(channel__in=channels)
    summed = ("threads", "inbound", "outbound", "context", "running_first", "running_next")
    return {
        "threads": threads.values("thread_key").distinct().count(),
        "threads_left_out": left_out,
        "channels": each,
        "all": {
            **{name: sum(figures[name] for figures in each.values()) for name in summed},
            "conversations": sum(figures["conversations"] for figures in each.values()),
            **_answered(clocks),
            **_promised(clocks),
        },
    }


def _account(channel: Channel) -> str:
    return channel.account_id


def _channel(channel: Channel) -> Figures:
    clocks = Clock.objects.filter(channel=channel)
    conversations = Conversation.objects.filter(channel=channel, merged_into__isnull=True)
    return {
        "threads": channel.threads.count(),
        **conversations.aggregate(
            conversations=Count("id"), customers=Count("identity__customer", distinct=True)
        ),
        **channel.messages.aggregate(
            inbound=Count("id", filter=Q(direction=Message.Direction.INBOUND)),
            outbound=Count("id", filter=Q(direction=Message.Direction.OUTBOUND)),
            context=Count(
                "id",
                filter=Q(direction=Message.Direction.OUTBOUND, conversation__isnull=True),
            ),
        ),
        **_answered(clocks),
        **clocks.filter(stop__isnull=True).aggregate(
            running_first=Count("id", filter=Q(kind=Clock.Kind.FIRST_RESPONSE)),
            running_next=Count("id", filter=Q(kind=Clock.Kind.NEXT_RESPONSE)),
        ),
        **_promised(clocks),
    }


def _answered(clocks: QuerySet[Clock]) -> Figures:
    return {
        str(kind): clocks.filter(kind=kind).aggregate(
            n=Count("id", filter=_ANSWERED),
            **{
                name: Percentile(share, "customer_seconds", filter=_ANSWERED)
                for name, share in _SHARES.items()
            },
        )
        for kind in _RESPONSES
    }


def _promised(clocks: QuerySet[Clock]) -> Figures:
    """Answered by the due time is met, answered later breached; what still runs is neither."""
    judged = clocks.filter(due_at__isnull=False)
    standings = {
        str(kind): judged.filter(kind=kind).aggregate(
            met=Count("id", filter=MET),
            breached=Count("id", filter=BREACHED),
            running=Count("id", filter=Q(stopped_at__isnull=True)),
        )
        for kind in _RESPONSES
    }
    return {"promised": standings} if judged.exists() else {}
