"""Handing replies to the network: nothing lost, nothing doubled (trust.md, What goes out).

`queued` → `in_flight` (committed before any byte leaves) → `sent`, `refused`, `retry` or `unknown`;
an `unknown` is settled by asking the network, never by guessing.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.channels.connector import (
    Accepted,
    ConnectorError,
    Failure,
    OutgoingImage,
    OutgoingMessage,
)
from apps.conversations import clocks, legs
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.models.message import SILENT_SURFACES
from apps.conversations.operations.entries import of_message
from apps.conversations.operations.locking import lock_channels
from apps.conversations.operations.receiving.adopting import adopt
from apps.ledger.recording import record

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 12
LONGEST_BACKOFF_SECONDS = 60


def oldest_due(*, at: datetime) -> datetime | None:
    """Since when a reply that could leave has been waiting; None when none is."""
    return _due(at=at).values_list("not_before", flat=True).first()


def send_due(*, most: int = 100) -> int:
    """Send replies whose undo time is over, one after the other, until none is left.

    Returns how many attempts were made. Any number of workers may do this at once.
    """
    for attempts in range(most):
        message = _claim(at=timezone.now())
        if message is None:
            return attempts
        _attempt(message)
    return most


@transaction.atomic
def settle_silent(*, at: datetime) -> int:
    """Replies whose worker fell silent are unknown once their lease is over."""
    lost = (
        Message.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("channel")
        .filter(
            state=Message.State.IN_FLIGHT,
            attempted_at__lt=at - timedelta(seconds=settings.SEND_LEASE),
        )
        .order_by("id")
    )
    for message in lost:
        message.state = Message.State.UNKNOWN
        message.not_before = message.attempted_at
        message.save(update_fields=["state", "not_before"])
        _record("unknown", message, at=at, reason="silent")
    return len(lost)


def resolve_unknown(*, at: datetime) -> int:
    """Ask the networks about replies whose fate is unknown; returns how many were settled."""
    asked = Message.objects.filter(
        state=Message.State.UNKNOWN,
        not_before__lte=at,
        attempted_at__lt=at - timedelta(seconds=settings.SEND_RESOLVE),
    ).select_related("channel")
    return sum(_resolve(message, at=at) for message in asked.order_by("attempted_at")[:50])


@transaction.atomic
def _claim(*, at: datetime) -> Message | None:
    message = (
        _due(at=at)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("channel")
        .first()
    )
    if message is not None:
        message.state = Message.State.IN_FLIGHT
        message.attempts += 1
        message.attempted_at = at
        message.save(update_fields=["state", "attempts", "attempted_at"])
    return message


def _due(*, at: datetime) -> QuerySet[Message]:
    """Replies whose time has come, of channels that aren't paused, and before which nothing of
    their conversation is unsettled.
    """
    refused_part = Q(state=Message.State.REFUSED, act=OuterRef("act"))
    earlier = Message.objects.filter(
        Q(state__in=Message.UNSETTLED) | refused_part,
        conversation=OuterRef("conversation"),
        id__lt=OuterRef("id"),
    )
    return Message.objects.filter(
        ~Exists(earlier),
        state__in=[Message.State.QUEUED, Message.State.RETRY],
        not_before__lte=at,
        channel__paused_at=None,
    ).order_by("not_before", "id")


def _attempt(message: Message) -> None:
    connector = message.channel.connector
    try:
        accepted = connector.send(message.channel, _outgoing(message))
    except ConnectorError as error:
        _failed(message, error, at=timezone.now())
    else:
        _accepted(message, accepted, at=timezone.now())


def _outgoing(message: Message) -> OutgoingMessage:
    """The key is the same for every attempt at one message, and for no other message."""
    return OutgoingMessage(
        key=f"{message.pk}-{int(message.received_at.timestamp())}",
        text=message.text,
        parent_id=message.parent_id_there or "",
        images=tuple(
            OutgoingImage(content_type=one.content_type, body=bytes(one.body), alt=one.alt)
            for one in message.attachments.order_by("id")
        ),
    )


@transaction.atomic
def _accepted(message: Message, accepted: Accepted, *, at: datetime) -> bool:
    """The wait ends at the instant at which the network accepted, by the network's own clock."""
    present = _locked(message)
    if present.state not in {Message.State.IN_FLIGHT, Message.State.UNKNOWN}:
        return False
    _absorb_echo(present, accepted.external_id)
    present.state = Message.State.SENT
    present.external_id = accepted.external_id
    present.posted_at = accepted.at
    present.url = accepted.url
    present.error = ""
    present.save(update_fields=["state", "external_id", "posted_at", "url", "error"])
    _hang_the_next_part_under(present)
    touched = adopt(present, external_id=accepted.external_id, at=at)
    where = present.conversation_id = _conversation_id(present)
    clocks.rerun(touched | {where})
    legs.measure([where])
    _keep_unread_in_sight(present, where)
    _record("sent", present, at=at)
    return True


def _hang_the_next_part_under(sent: Message) -> None:
    Message.objects.filter(
        act=sent.act_id,
        act_part=(sent.act_part or 0) + 1,
        state__in=[Message.State.QUEUED, Message.State.RETRY],
    ).update(parent_id_there=sent.external_id)


def _absorb_echo(message: Message, external_id: str) -> None:
    """Where our own post came in as a stranger's report first, it and this reply are one."""
    echo = Message.objects.filter(channel=message.channel, external_id=external_id).first()
    if echo is not None and echo.pk != message.pk:
        Clock.objects.filter(reply=echo).update(reply=message)
        echo.delete()


def _keep_unread_in_sight(reply: Message, conversation_id: int) -> None:
    """The reply ends the wait, yet its author had not read what came in after the decision."""
    unread = (
        Message.objects.filter(
            conversation=conversation_id,
            direction=Message.Direction.INBOUND,
            id__gt=reply.pk,
            posted_at__lte=reply.posted_at,
        )
        .exclude(surface__in=SILENT_SURFACES)
        .aggregate(since=Min("received_at"))
    )
    Conversation.objects.filter(id=conversation_id).update(
        unseen_since=unread["since"], woke_at=None
    )


@transaction.atomic
def _failed(message: Message, error: ConnectorError, *, at: datetime) -> None:
    present = _locked(message)
    if present.state != Message.State.IN_FLIGHT:
        return
    present.error = error.reason
    match error.failure:
        case Failure.REFUSED:
            present.state = Message.State.REFUSED
        case Failure.UNKNOWN:
            present.state = Message.State.UNKNOWN
            present.not_before = at
        case Failure.RETRY:
            _put_off(present, error.retry_after, at=at)
    present.save(update_fields=["state", "error", "not_before"])
    _record(str(present.state), present, at=at, reason=error.failure)


def _put_off(message: Message, retry_after: int | None, *, at: datetime) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        message.state = Message.State.NEEDS_AUTHOR
        return
    seconds = min(LONGEST_BACKOFF_SECONDS, 2 ** (message.attempts - 1))
    message.state = Message.State.RETRY
    message.not_before = at + timedelta(seconds=max(seconds, retry_after or 0))


def _resolve(message: Message, *, at: datetime) -> bool:
    connector = message.channel.connector
    try:
        accepted = connector.find_sent(message.channel, _outgoing(message))
    except ConnectorError as error:
        log.warning("send_still_unknown", message=message.pk, failure=error.failure)
        Message.objects.filter(id=message.pk, state=Message.State.UNKNOWN).update(
            not_before=at + timedelta(seconds=min(30, settings.SEND_RESOLVE)), error=error.reason
        )
        return False
    if accepted is not None:
        return _accepted(message, accepted, at=at)
    return _not_there(message, safe_to_repeat=connector.repeats_are_safe, at=at)


@transaction.atomic
def _not_there(message: Message, *, safe_to_repeat: bool, at: datetime) -> bool:
    """Send again only where the network itself makes a repetition harmless, and not for ever."""
    present = _locked(message)
    if present.state != Message.State.UNKNOWN:
        return False
    again = safe_to_repeat and present.attempts < MOST_ATTEMPTS
    present.state = Message.State.RETRY if again else Message.State.NEEDS_AUTHOR
    present.not_before = at
    present.save(update_fields=["state", "not_before"])
    _record(str(present.state), present, at=at)
    return True


def _locked(message: Message) -> Message:
    """The channel comes first: nothing is received, and no conversation joined, meanwhile."""
    lock_channels([message.channel_id])
    Conversation.objects.select_for_update(no_key=True).get(id=_conversation_id(message))
    return (
        Message.objects.select_for_update(of=("self",), no_key=True)
        .select_related("channel")
        .get(id=message.pk)
    )


def _conversation_id(message: Message) -> int:
    """Where the reply is now: its conversation may have been merged into another since."""
    found = Message.objects.values_list("conversation_id", flat=True).get(id=message.pk)
    if found is None:
        raise LookupError(f"reply {message.pk} has no conversation")
    return found


def _record(kind: str, message: Message, *, at: datetime, reason: str = "") -> None:
    data: dict[str, object] = {"reason": reason} if reason else {}
    record([of_message(kind, message, by_id=message.author_id, data=data)], at=at)
