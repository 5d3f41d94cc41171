"""Receiving an archive batch by batch, as live traffic is: killed, it goes on when run again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from apps.agents.operations import team_named
from apps.channels.connector import InboundMessage
from apps.channels.models import Channel
from apps.channels.operations import connect
from apps.conversations.models import Clock, Conversation, Message, Placeholder, Thread
from apps.conversations.operations.receiving import Arrival, receive
from apps.customers.models import Customer, Identity
from apps.ledger.models import Event

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
    imported, looked_at = Imported(), 0
    for start in range(0, len(arrivals), BATCH):
        batch = arrivals[start : start + BATCH]
        received = receive(batch, at=at)
        imported.stored += received.stored
        imported.known += received.known
        if imported.stored > 2 * looked_at:
            look_at_tables_anew()
            looked_at = imported.stored
        advance(len(batch))
    return imported


def look_at_tables_anew() -> None:
    """Have PostgreSQL plan for what the tables hold now.

    A load outruns autovacuum by a minute, and plans made for small tables are slow on large ones.
    """
    tables = (Customer, Identity, Thread, Placeholder, Conversation, Message, Clock, Event)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(table._meta.db_table for table in tables)}")


@transaction.atomic
def _connected(brand: str, *, at: datetime) -> Channel:
    return connect(
        network=NETWORK,
        handle=f"@{brand}",
        account_id=brand,
        team=team_named(name=TEAM, by=None, at=at),
        base_url="",
        token="",
        by=None,
        at=at,
    )
