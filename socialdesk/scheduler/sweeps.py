"""What the scheduler looks after, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from apps.agents.models import Digest
from apps.agents.operations import digesting, note_departures
from apps.api import idempotency
from apps.common import bus, letters
from apps.console import digest
from apps.conversations.operations import (
    holding_words,
    mailing,
    matching,
    notifying,
    pledging,
    reckoning,
    returning,
    routing,
    sending,
    snoozing,
)
from apps.conversations.operations.replying import SEND_TASK
from apps.intake import comparing
from apps.intake import operations as intake
from apps.ledger.recording import OUTBOX_TASK
from apps.reports import recounting
from apps.square.operations import deliver_due
from apps.webhooks.operations import delivering, forgetting

PATIENCE = timedelta(seconds=3)
PRESENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Sweep:
    """Work that is looked for every so many seconds; `run` gets the instant of looking."""

    name: str
    seconds: float
    run: Callable[[datetime], object]


def drain(at: datetime) -> None:
    """Deliveries nobody drained: ring, or where nobody answers, drain them here."""
    _ring_or_work(intake.DRAIN_TASK, intake.oldest_waiting(), intake.drain, at)


def send(at: datetime) -> None:
    """Replies whose undo time is over: ring, or where nobody answers, send them here."""
    _ring_or_work(SEND_TASK, sending.oldest_due(at=at), sending.send_due, at)


def mail(at: datetime) -> None:
    """Letters that wait: ring, or where nobody answers, send them here."""
    _ring_or_work(notifying.MAIL_TASK, mailing.oldest_due(at=at), mailing.send_letters, at)


def digests(at: datetime) -> None:
    """Letters of figures: make those of today, send what waits, let go of what a worker lost."""
    digesting.make_due(at=at)
    letters.settle_silent(Digest.objects.all(), at=at)
    letters.send_due(Digest.objects.select_related("user"), digest.letter)


def webhooks(at: datetime) -> None:
    """Events for programs outside: ring, or where nobody answers, tell them here."""
    _ring_or_work(OUTBOX_TASK, delivering.oldest_due(at=at), delivering.deliver_due, at)


def presence(at: datetime) -> None:
    """Tell open pages of those whom silence made away since the last look."""
    note_departures(at=at, since=at - timedelta(seconds=2 * PRESENCE_SECONDS))


def _ring_or_work(
    task: str, oldest: datetime | None, work: Callable[[], object], at: datetime
) -> None:
    if oldest is None:
        return
    if at - oldest > PATIENCE or not bus.ring(task):
        work()


SWEEPS = [
    Sweep("drain", 1, drain),
    Sweep("send", 1, send),
    Sweep("hold_words", 1, lambda _at: holding_words.hold_words()),
    Sweep("settle_silent_sends", 5, lambda at: sending.settle_silent(at=at)),
    Sweep("resolve_unknown_sends", 5, lambda at: sending.resolve_unknown(at=at)),
    Sweep("retry_echoes", 2, lambda at: intake.retry_echoes(at=at)),
    Sweep("presence", PRESENCE_SECONDS, presence),
    Sweep("hand_back", 5, lambda at: returning.hand_back(at=at)),
    Sweep("return_unopened", 5, lambda at: returning.return_unopened(at=at)),
    Sweep("sameness", 2, lambda at: reckoning.reckon(at=at)),
    Sweep("forget_wordings", 600, lambda at: reckoning.forget_old(at=at)),
    Sweep("wake_due", 2, lambda at: snoozing.wake_due(at=at)),
    Sweep("tell_of_waits", 5, lambda at: notifying.tell_of_waits(at=at)),
    Sweep("warn_of_pledges", 5, lambda at: pledging.warn_of_pledges(at=at)),
    Sweep("propose_matches", 10, lambda at: matching.propose_matches(at=at)),
    Sweep("mail", 5, mail),
    Sweep("settle_silent_letters", 30, lambda at: mailing.settle_silent(at=at)),
    Sweep("digests", 60, digests),
    Sweep("route_waiting", 3, lambda at: routing.route_waiting(at=at)),
    Sweep("compare", 60, lambda at: comparing.compare_due(at=at)),
    Sweep("webhooks", 1, webhooks),
    Sweep("count_noted", 10, lambda at: recounting.count_in_turn(at=at)),
    Sweep("forget_answered", 3600, lambda at: idempotency.forget_old(at=at)),
    Sweep("forget_webhooks", 3600, lambda at: forgetting.forget_old(at=at)),
]

if settings.SQUARE:
    SWEEPS.append(Sweep("square_notices", 1, lambda at: deliver_due(at=at)))
