"""Taking in what networks hand us: kept first, understood later, poison set aside alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.agents.models import User
from apps.channels.connector import InboundMessage, Removal, Told, Unparsed
from apps.channels.models import Channel
from apps.common import sets
from apps.common.doorbell import ring_after_commit
from apps.common.errors import DeskError
from apps.common.text import storable
from apps.conversations.operations.receiving import Arrival, Departure, receive
from apps.intake.models import Delivery, SetAside
from apps.ledger.recording import Entry, record

log = structlog.get_logger(__name__)

DRAIN_TASK = "intake.drain"
BATCH = 500
ECHO_RETRY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One message of one delivery, or the news that one is gone, and its place in it."""

    delivery: Delivery
    position: int
    told: Arrival | Departure


def keep(*, channel: Channel, body: bytes, at: datetime) -> int:
    """Keep a verified body byte for byte, after commit ring; returns the Delivery's id.

    One statement, which outside of a transaction is committed when it returns.
    """
    [(delivery_id,)] = sets.execute(
        "INSERT INTO intake_delivery (channel_id, body, received_at)"
        " VALUES (%b::bigint, %b::bytea, %b::timestamptz) RETURNING id",
        channel.pk,
        body,
        at,
    )
    ring_after_commit(DRAIN_TASK)
    return int(delivery_id)


def drain(*, most: int = BATCH) -> int:
    """Take in deliveries until none is left, `most` at once; returns how many were drained.

    Each batch is received at its own instant: what waited behind others was received later.
    """
    drained = 0
    while count := drain_batch(at=timezone.now(), most=most):
        drained += count
    return drained


@transaction.atomic
def drain_batch(*, at: datetime, most: int = BATCH) -> int:
    """Take in one batch of deliveries in one transaction: all of its messages, each exactly once.

    Several workers may drain at once; a delivery is taken by one of them.
    """
    deliveries = list(
        Delivery.objects.filter(drained_at__isnull=True)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("channel")
        .order_by("id")[:most]
    )
    if not deliveries:
        return 0
    items: list[Item] = []
    for delivery in deliveries:
        items.extend(_items(delivery, at=at))
    _receive(items, at=at)
    Delivery.objects.filter(id__in=[d.pk for d in deliveries]).update(drained_at=at)
    newest = {delivery.channel_id: delivery.received_at for delivery in deliveries}
    for channel_id, received_at in sorted(newest.items()):
        Channel.objects.filter(id=channel_id).update(
            last_delivery_at=Greatest("last_delivery_at", Value(received_at))
        )
    return len(deliveries)


def oldest_waiting() -> datetime | None:
    """Since when a delivery has been waiting to be drained; None when none is."""
    return (
        Delivery.objects.filter(drained_at__isnull=True)
        .order_by("id")
        .values_list("received_at", flat=True)
        .first()
    )


@transaction.atomic
def retry(*, set_aside: SetAside, by: User | None, at: datetime) -> bool:
    """Try one item again; False if it had to be set aside again, with its reason renewed.

    An unreadable item 0 may stand for a whole delivery, so all of that is taken in. DeskError if
    it is not theirs to decide about.
    """
    present = (
        SetAside.objects.select_for_update(of=("self",))
        .select_related("delivery__channel")
        .get(id=set_aside.pk)
    )
    if by is not None and not _answers(by, present.delivery.channel):
        raise DeskError("Another team answers this channel, and decides what it takes in.")
    if present.settled_at is not None:
        return True
    SetAside.objects.filter(id=present.pk).update(settled_at=at, retry_at=None)
    whole = present.reason == SetAside.Reason.UNREADABLE and present.position == 0
    only = None if whole else present.position
    _receive(list(_items(present.delivery, at=at, only=only)), at=at)
    if by is not None:
        _record_retry(present, by=by, at=at)
    return SetAside.objects.filter(id=present.pk, settled_at__isnull=False).exists()


def _answers(user: User, channel: Channel) -> bool:
    return Channel.objects.answered_by(user).filter(id=channel.pk).exists()


def retry_echoes(*, at: datetime) -> int:
    """Try again what waited for a reply in flight; returns how many were tried."""
    waiting = SetAside.objects.filter(settled_at__isnull=True, retry_at__lte=at).order_by("id")
    due = list(waiting[:BATCH])
    for set_aside in due:
        retry(set_aside=set_aside, by=None, at=at)
    return len(due)


def _items(delivery: Delivery, *, at: datetime, only: int | None = None) -> Iterable[Item]:
    """Yield the messages of a delivery and set aside what is none; `only` looks at one item."""
    for position, item in enumerate(_parse(delivery)):
        if only is not None and position != only:
            continue
        match item:
            case Unparsed():
                _set_aside(delivery, item.position, SetAside.Reason.UNREADABLE, item.error, at=at)
            case InboundMessage():
                yield Item(delivery, position, Arrival(delivery.channel, item))
            case Removal():
                yield Item(delivery, position, Departure(delivery.channel, item))


def _parse(delivery: Delivery) -> list[Told]:
    """Whatever a connector fails on is unreadable, and stops no other delivery."""
    channel = delivery.channel
    try:
        return channel.connector.parse(channel, bytes(delivery.body))
    except Exception as error:  # noqa: BLE001 - whatever one delivery breaks, the others go on
        log.warning("delivery_unreadable", delivery=delivery.pk, error=type(error).__name__)
        reason = f"The connector failed on it: {type(error).__name__}: {error}"
        return [Unparsed(position=0, error=reason)]


def _receive(items: Sequence[Item], *, at: datetime) -> None:
    """Receive all, or halve until the poisonous ones are found and set aside alone.

    A lost connection is not poison: it ends the whole batch, which stays undrained.
    """
    if not items:
        return
    try:
        with transaction.atomic():
            received = receive(
                [item.told for item in items if isinstance(item.told, Arrival)],
                gone=[item.told for item in items if isinstance(item.told, Departure)],
                at=at,
            )
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever one item breaks, the others go on
        if len(items) > 1:
            middle = len(items) // 2
            _receive(_anew(items[:middle]), at=at)
            _receive(_anew(items[middle:]), at=at)
            return
        log.warning("item_set_aside", delivery=items[0].delivery.pk, error=type(error).__name__)
        _set_aside(items[0].delivery, items[0].position, SetAside.Reason.REFUSED, str(error), at=at)
        return
    held = {arrival.key for arrival in received.held}
    for item in items:
        if isinstance(item.told, Arrival) and item.told.key in held:
            _set_aside(
                item.delivery,
                item.position,
                SetAside.Reason.ECHO,
                "Waits until our own reply in this conversation is settled.",
                at=at,
                retry_at=at + ECHO_RETRY,
            )


def _anew(items: Sequence[Item]) -> list[Item]:
    """The same items without what a failed attempt wrote into them."""
    return [
        replace(item, told=Arrival(item.told.channel, item.told.message))
        if isinstance(item.told, Arrival)
        else item
        for item in items
    ]


def _set_aside(
    delivery: Delivery,
    position: int,
    reason: SetAside.Reason,
    error: str,
    *,
    at: datetime,
    retry_at: datetime | None = None,
) -> None:
    SetAside.objects.update_or_create(
        delivery=delivery,
        position=position,
        defaults={
            "reason": reason,
            "error": storable(error)[:2000],
            "at": at,
            "retry_at": retry_at,
            "settled_at": None,
        },
    )
    if reason is not SetAside.Reason.ECHO:
        entry = Entry(
            kind="set_aside",
            channel_id=delivery.channel_id,
            team_id=delivery.channel.team_id,
            data={"delivery": delivery.pk, "position": position, "reason": reason},
        )
        record([entry], at=at)


def _record_retry(set_aside: SetAside, *, by: User, at: datetime) -> None:
    entry = Entry(
        kind="retried",
        by_id=by.pk,
        channel_id=set_aside.delivery.channel_id,
        team_id=set_aside.delivery.channel.team_id,
        data={"delivery": set_aside.delivery_id, "position": set_aside.position},
    )
    record([entry], at=at)
