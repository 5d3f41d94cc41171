"""Receiving an archive batch by batch, as live traffic is: killed, it goes on when run again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.agents.models import Team
from apps.channels.connector import InboundMessage
from apps.channels.models import Channel
from apps.channels.operations import connect
from apps.conversations.operations.receiving import Arrival, receive

NETWORK = "archive"
TEAM = "Archive"
BATCH = 500


@dataclass(slots=True)
class Imported:
    """How many messages were stored now, and how many the desk had already."""

    stored: int = 0
    known: int = 0


def channels_of(brands: Sequence[str], *, at: datetime) -> dict[str, Channel]:
    """Return each brand's channel, connected now where it wasn't.

    A team of its own answers for them, so that nobody's queue fills with what is long over.
    """
    found = {
        channel.account_id: channel
        for channel in Channel.objects.filter(network=NETWORK, account_id__in=brands)
    }
    return {brand: found.get(brand) or _connected(brand, at=at) for brand in sorted(brands)}


def import_messages(
    by_brand: Mapping[str, Sequence[InboundMessage]],
    *,
    at: datetime,
    advance: Callable[[int], None] = lambda _count: None,
) -> Imported:
    """Receive what was routed to each brand; each batch is committed before the next begins.

    `advance` is told after each batch how many messages it had.
    """
    channels = channels_of(list(by_brand), at=at)
    arrivals = [
        Arrival(channel, message)
        for brand, channel in channels.items()
        for message in by_brand[brand]
    ]
    imported = Imported()
    for start in range(0, len(arrivals), BATCH):
        batch = arrivals[start : start + BATCH]
        received = receive(batch, at=at)
        imported.stored += received.stored
        imported.known += received.known
        advance(len(batch))
    return imported


@transaction.atomic
def _connected(brand: str, *, at: datetime) -> Channel:
    return connect(
        network=NETWORK,
        handle=f"@{brand}",
        account_id=brand,
        team=Team.objects.get_or_create(name=TEAM)[0],
        base_url="",
        token="",
        by=None,
        at=at,
    )
