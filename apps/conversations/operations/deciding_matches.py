"""Deciding who is one person, so that what was judged before stays judged.

A wait is judged by the flags of all who were one person when it opened. So a decision holds from
after everything that was heard from them, and waits for what is just being received.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from apps.agents.models import User
from apps.conversations.models import Message
from apps.customers import operations
from apps.customers.models import Customer, Identity, Match


@transaction.atomic
def merge(*, one: Identity, other: Identity, reason: str, by: User, at: datetime) -> Match:
    """Decide by hand that two identities are one person; the reason is for whoever doubts it."""
    since = _after_all_heard([one.pk, other.pk], at=at)
    return operations.merge(one=one, other=other, reason=reason, by=by, at=since)


@transaction.atomic
def confirm(*, match: Match, by: User, at: datetime) -> None:
    """Decide that a proposed match is right."""
    since = _after_all_heard([match.left_id, match.right_id], at=at)
    operations.confirm(match=match, by=by, at=since)


@transaction.atomic
def part(*, match: Match, reason: str, by: User, at: datetime) -> None:
    """Take a decision that two were one person back: everything is as it would be without it."""
    since = _after_all_heard([match.left_id, match.right_id], at=at)
    operations.part(match=match, reason=reason, by=by, at=since)


def _after_all_heard(identity_ids: Collection[int], *, at: datetime) -> datetime:
    """Hold these people against being judged meanwhile; return the instant the decision has."""
    operations.take_turns()
    people = Customer.objects.filter(identities__in=identity_ids).values("id")
    list(Customer.objects.filter(id__in=people).order_by("id").select_for_update(no_key=True))
    theirs = Message.objects.filter(conversation__identity__customer__in=people)
    heard = theirs.filter(direction=Message.Direction.INBOUND).aggregate(at=Max("received_at"))
    return max(at, heard["at"] or at)
