"""Comparing what a network lists with what we stored; what is missing is taken in, as if told late.

A message found so has its true `posted_at`, so its wait began when it was said.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from apps.channels.connector import ConnectorError, InboundMessage, Removal
from apps.channels.models import Channel
from apps.channels.registry import LISTING
from apps.conversations.models import Message
from apps.intake.models import Comparison, Delivery, Gap
from apps.intake.operations import keep

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=10)
WINDOW = timedelta(hours=24)
UNDER_WAY = timedelta(minutes=2)
BATCH = 1_000


def compare_due(*, at: datetime) -> int:
    """Compare every channel whose turn it is; return how many messages were missing."""
    is_due = Q(comparison__isnull=True) | Q(comparison__tried_at__lte=at - EVERY)
    due = Channel.objects.filter(is_due, network__in=LISTING).exclude(token="")
    return sum(compare(channel=channel, at=at) for channel in due.order_by("id"))


def compare(*, channel: Channel, at: datetime) -> int:
    """Ask the network for what it told in the last day and take in what we miss; return how many.

    What was said in the last two minutes may still be on its way, and what waits to be drained is
    here already.
    """
    since = at - WINDOW
    try:
        bodies = channel.connector.listed(channel, since=since)
    except ConnectorError as error:
        said = {"tried_at": at, "error": error.reason[:300]}
        Comparison.objects.update_or_create(channel=channel, defaults=said)
        log.warning("channel_not_compared", channel=channel.pk, error=error.reason)
        return 0
    told = _told(channel, bodies)
    missing = _missing(channel, told, until=at - UNDER_WAY)
    with transaction.atomic():
        for external_id in missing:
            _take_in(channel, *told[external_id], at=at)
        said = {"tried_at": at, "at": at, "since": since, "listed": len(told), "error": ""}
        Comparison.objects.update_or_create(channel=channel, defaults=said)
    if missing:
        log.warning("gap_found", channel=channel.pk, missing=len(missing))
    return len(missing)


def _told(channel: Channel, bodies: list[bytes]) -> dict[str, tuple[InboundMessage, bytes]]:
    """Each message by its id, as last told; none that is gone there."""
    told: dict[str, tuple[InboundMessage, bytes]] = {}
    for body in bodies:
        for one in channel.connector.parse(channel, body):
            if isinstance(one, InboundMessage):
                told[one.external_id] = (one, body)
            elif isinstance(one, Removal):
                told.pop(one.external_id, None)
    return told


def _missing(
    channel: Channel, told: Mapping[str, tuple[InboundMessage, bytes]], *, until: datetime
) -> list[str]:
    if Delivery.objects.filter(channel=channel, drained_at__isnull=True).exists():
        return []
    asked = [one for one, (message, _) in told.items() if message.posted_at <= until]
    known: set[str] = set()
    for first in range(0, len(asked), BATCH):
        there = {"channel": channel, "external_id__in": asked[first : first + BATCH]}
        stored = Message.objects.filter(**there).values_list("external_id", flat=True)
        known.update(one for one in stored if one is not None)
        known.update(Gap.objects.filter(**there).values_list("external_id", flat=True))
    return [one for one in asked if one not in known]


def _take_in(channel: Channel, message: InboundMessage, body: bytes, *, at: datetime) -> None:
    delivery_id = keep(channel=channel, body=body, at=at)
    Gap.objects.create(
        channel=channel,
        external_id=message.external_id,
        posted_at=message.posted_at,
        found_at=at,
        delivery_id=delivery_id,
    )
