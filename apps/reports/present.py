"""What is counted of now: a figure of the wallboard and the list behind it are of the same rows."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from apps.agents.models import User
from apps.channels.models import Channel
from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.models.conversation import ConversationQuerySet
from apps.reports.counted import RESPONSES, seen_by
from apps.reports.periods import Period

SLICE = timedelta(minutes=5)
SLICES = 12

WAITING = Q(waiting_since__isnull=False)
UNASSIGNED = WAITING & Q(assignee__isnull=True)
UNSEEN = Q(unseen_since__isnull=False)
ANSWERED_TODAY = Q(stop=Clock.Stop.REPLY)
ASKED_TODAY = ~Q(stop=Clock.Stop.NO_REPLY_NEEDED) | Q(stop__isnull=True)


def live_channels(user: User) -> QuerySet[Channel]:
    """Those this person counts, archives aside: nothing of them is now."""
    return seen_by(user).exclude(network__in=RECEIVING_ONLY)


def attention(live: QuerySet[Channel]) -> ConversationQuerySet:
    """Return where somebody waits, or something is there that nobody has looked at."""
    return Conversation.objects.open().needing_attention().filter(channel__in=live)


def promised(live: QuerySet[Channel]) -> QuerySet[Clock]:
    """Return the waits for an answer that run and were promised one."""
    return Clock.objects.promised().filter(channel__in=live)


def at_risk(at: datetime) -> Q:
    """Past the point at which people are warned, and not yet due: at risk or past due, not both."""
    return Q(warn_at__lte=at, due_at__gte=at)


def today(live: QuerySet[Channel], *, at: datetime) -> QuerySet[Clock]:
    """Return the waits for an answer that began today."""
    return Clock.objects.filter(
        channel__in=live,
        kind__in=RESPONSES,
        started_at__gte=Period.of_days(1, at=at).starts_at,
    )


def said(live: QuerySet[Channel]) -> QuerySet[Message]:
    """Return what customers and the desk said, notes apart."""
    return Message.objects.filter(channel__in=live).exclude(direction=Message.Direction.NOTE)


def came_in(since: datetime) -> Q:
    """What came in counts when we stored it."""
    return Q(direction=Message.Direction.INBOUND, received_at__gt=since)


def went_out(since: datetime) -> Q:
    """What went out counts when the network took it, however long it was held here before."""
    sent = Q(direction=Message.Direction.OUTBOUND, state=Message.State.SENT)
    return sent & Q(posted_at__gt=since)
