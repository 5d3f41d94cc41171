"""How near each reply came to those before it, and whether it asked for what was told: reckoned
after it was sent, by a sweep.

Receiving and sending know nothing of this. New replies are noticed by walking the messages' ids;
one that is still on its way is looked at again until it is settled.
"""

import time
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction

from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Band, Likeness, LikenessProgress, Message, Wording
from apps.conversations.queries.memory import recall_lines
from apps.conversations.queries.people import told_by
from apps.conversations.queries.sameness import REMEMBERED, near_wordings
from apps.conversations.sameness.canonical import canonical, shingles
from apps.conversations.sameness.minhash import bands
from apps.customers.asking import asked_for

WALKED_AT_ONCE = 5_000
# A transaction that was given its ids long ago may commit after others: look back so many.
LOOK_BACK = 1_000
RECKONED_AT_ONCE = 200
FORGOTTEN_AT_ONCE = 2_000
LONGEST_SECONDS = 2.0

GIVEN_UP = (Message.State.UNDONE, Message.State.DISCARDED)


def reckon(*, at: datetime) -> int:
    """Notice new replies and reckon those that are sent, for some seconds; returns how many."""
    began, reckoned = time.monotonic(), 0
    while time.monotonic() - began < LONGEST_SECONDS:
        walked = _notice(at=at)
        sent = _reckon_some()
        reckoned += sent
        if walked < WALKED_AT_ONCE and sent < RECKONED_AT_ONCE:
            break
    return reckoned


@transaction.atomic
def forget_old(*, at: datetime) -> int:
    """Drop wordings nobody used for 30 days, and what finds them; the likenesses stay."""
    old = list(
        Wording.objects.select_for_update(skip_locked=True)
        .filter(last_said_at__lt=at - REMEMBERED)
        .order_by("last_said_at")[:FORGOTTEN_AT_ONCE]
    )
    pairs = [(key, wording.pk) for wording in old for key in bands(shingles(wording.text))]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM conversations_band band"
            " USING unnest(%s::bigint[], %s::bigint[]) AS old(key, wording_id)"
            " WHERE band.key = old.key AND band.wording_id = old.wording_id",
            [[key for key, _ in pairs], [pk for _, pk in pairs]],
        )
    Wording.objects.filter(id__in=[wording.pk for wording in old]).delete()
    return len(old)


@transaction.atomic
def _notice(*, at: datetime) -> int:
    """Write down the replies among the next messages; returns how many messages were walked."""
    progress, _ = LikenessProgress.objects.select_for_update().get_or_create(id=1)
    after = progress.noticed_to
    ids = Message.objects.filter(id__gt=after).order_by("id").values_list("id", flat=True)
    walked = list(ids[:WALKED_AT_ONCE])
    last = walked[-1] if walked else after
    fresh = (
        Message.objects.filter(
            id__gt=after - LOOK_BACK,
            id__lte=last,
            direction=Message.Direction.OUTBOUND,
            received_at__gte=at - REMEMBERED,
            likeness__isnull=True,
        )
        .exclude(channel__network__in=RECEIVING_ONLY)
        .exclude(state__in=GIVEN_UP)
    )
    Likeness.objects.bulk_create(
        [
            Likeness(message_id=pk, channel_id=channel)
            for pk, channel in fresh.values_list("id", "channel_id")
        ],
        ignore_conflicts=True,
    )
    if walked:
        progress.noticed_to = last
        progress.save(update_fields=["noticed_to"])
    return len(walked)


@transaction.atomic
def _reckon_some() -> int:
    awaited = Likeness.objects.filter(said_at__isnull=True)
    awaited.filter(message__state__in=GIVEN_UP).delete()
    sent = list(
        awaited.filter(message__state=Message.State.SENT)
        .select_related("message__author", "message__conversation__identity__customer")
        .order_by("message__posted_at", "message_id")[:RECKONED_AT_ONCE]
    )
    for likeness in sent:
        _reckon(likeness)
    return len(sent)


def _reckon(likeness: Likeness) -> None:
    message = likeness.message
    words = canonical(message.text)
    likeness.said_at = message.said_at
    likeness.asked_again = _asked_again(message)
    if words:
        likeness.nearest = max(near_wordings(words, at=message.said_at).values(), default=0.0)
        likeness.wording = _wording(words, at=message.said_at)
    likeness.save(update_fields=["said_at", "nearest", "wording", "asked_again"])


def _asked_again(message: Message) -> bool | None:
    """Whether it asks for what its author could have read that the customer had told before.

    None where nobody can say: its author is not known, or it stands in no conversation.
    """
    if message.author is None or message.conversation is None:
        return None
    kinds = asked_for(message.text)
    if not kinds:
        return False
    lines = recall_lines(message.conversation.identity.customer, user=message.author)
    told = told_by(line for line in lines if line.said_at < message.said_at)
    return any(fact.kind in kinds for fact in told)


def _wording(words: str, *, at: datetime) -> Wording:
    wording, is_new = Wording.objects.get_or_create(
        sha256=sha256(words.encode()).hexdigest(), defaults={"text": words, "last_said_at": at}
    )
    if is_new:
        Band.objects.bulk_create(
            [Band(key=key, wording=wording) for key in bands(shingles(words))],
            ignore_conflicts=True,
        )
    elif wording.last_said_at < at:
        wording.last_said_at = at
        wording.save(update_fields=["last_said_at"])
    return wording
