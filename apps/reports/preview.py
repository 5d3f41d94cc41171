"""What the last month would have looked like under other policies, beside what it was.

Waits, their ends and the messages that opened them are as they were; only what is promised
differs. So it says what the promise would have been worth, not how people would have worked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from django.db.models import F, QuerySet
from django.db.models.functions import Mod

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation
from apps.conversations.openings import Judge
from apps.sla.models import PolicyVersion
from apps.sla.promises import Terms
from apps.sla.queries import book_as_if

DAYS = 30
MOST_JUDGED = 3_000
EXAMPLES = 12


class Outcome(StrEnum):
    """How a promise stands: kept, broken, broken and still waiting, not due yet, or none made."""

    MET = "met"
    BREACHED = "breached"
    PAST_DUE = "past_due"
    RUNNING = "running"
    UNPROMISED = "unpromised"

    @property
    def label(self) -> str:
        """As people read it."""
        return WORDS[self]


WORDS = {
    Outcome.MET: "met",
    Outcome.BREACHED: "late",
    Outcome.PAST_DUE: "past due",
    Outcome.RUNNING: "not due yet",
    Outcome.UNPROMISED: "nothing promised",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many waits stand how."""

    counts: Mapping[Outcome, int]

    @property
    def numbers(self) -> list[int]:
        """The counts in the order of Outcome."""
        return [self.counts.get(one, 0) for one in Outcome]

    @property
    def kept(self) -> float | None:
        """Share kept, 0 to 1, as the dashboard counts it; None where nothing was due."""
        met, breached, past_due, *_ = self.numbers
        judged = met + breached + past_due
        return met / judged if judged else None


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of wait: what it was, and what it would have been."""

    kind: Clock.Kind
    was: Tally
    would: Tally


@dataclass(frozen=True, slots=True)
class Compared:
    """A wait as it was promised, and as this list would have; `by` its policy's version there."""

    clock: Clock
    was: Outcome
    would: Outcome
    due_at: datetime | None
    by: PolicyVersion | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The last DAYS days twice; of `waits` waits `judged` were looked at, evenly spread.

    `examples` are the newest of those that `differ`.
    """

    first: datetime
    waits: int
    judged: int
    differ: int
    lines: list[Line]
    examples: list[tuple[Conversation, Compared]]


def preview(*, user: User, policies: Sequence[PolicyVersion], at: datetime) -> Preview:
    """Judge the last month's waits, as far as this person counts them, by this list of policies."""
    first = at - timedelta(days=DAYS)
    found = Clock.objects.filter(
        channel__in=Channel.objects.answered_by(user),
        kind__in=Clock.Kind.values,
        started_at__gte=first,
        started_at__lt=at,
    )
    waits = found.count()
    compared = _compared(_some(found, waits), policies, at=at)
    differing = [one for one in compared if one.was != one.would]
    return Preview(
        first=first,
        waits=waits,
        judged=len(compared),
        differ=len(differing),
        lines=[_line(kind, compared) for kind in Clock.Kind],
        examples=_examples(differing),
    )


def outcome(stopped_at: datetime | None, due_at: datetime | None, at: datetime) -> Outcome:
    """Say how a wait stands by a due time, as `apps.reports.promises` compares in the database."""
    if due_at is None:
        return Outcome.UNPROMISED
    if stopped_at is None:
        return Outcome.PAST_DUE if due_at < at else Outcome.RUNNING
    return Outcome.MET if stopped_at <= due_at else Outcome.BREACHED


def _some(found: QuerySet[Clock], waits: int) -> list[Clock]:
    """Every so manieth by its id: the same question has the same answer."""
    every = ceil(waits / MOST_JUDGED)
    if every > 1:
        found = found.annotate(left_over=Mod(F("id"), every)).filter(left_over=0)
    return list(found.select_related("channel", "policy_version").order_by("id"))


def _compared(
    clocks: Sequence[Clock], policies: Sequence[PolicyVersion], *, at: datetime
) -> list[Compared]:
    judge = Judge(book_as_if(policies), clocks)
    compared = []
    for clock in filter(judge.knows, clocks):
        terms, due_at = judge.of(clock)
        # While a resolution is paused nothing comes due.
        until = clock.paused_at or at
        compared.append(
            Compared(
                clock=clock,
                was=_as_it_was(clock, until),
                would=outcome(clock.stopped_at, due_at, until),
                due_at=due_at,
                by=_named(terms, policies),
            )
        )
    return compared


def _as_it_was(clock: Clock, until: datetime) -> Outcome:
    """During a pause the row holds no due time, though one is promised."""
    policy = clock.policy_version
    if clock.paused_at and clock.due_at is None and policy and policy.resolution_minutes:
        return Outcome.RUNNING
    return outcome(clock.stopped_at, clock.due_at, until)


def _named(terms: Terms | None, policies: Sequence[PolicyVersion]) -> PolicyVersion | None:
    """In a book as if, a policy's place is its index in the list."""
    return None if terms is None else policies[terms.place]


def _line(kind: Clock.Kind, compared: Sequence[Compared]) -> Line:
    of_kind = [one for one in compared if one.clock.kind == kind]
    was, would = Counter(one.was for one in of_kind), Counter(one.would for one in of_kind)
    return Line(kind, Tally(was), Tally(would))


def _examples(differing: Sequence[Compared]) -> list[tuple[Conversation, Compared]]:
    """The newest wait of each of the newest conversations."""
    in_time = sorted(differing, key=lambda one: (one.clock.started_at, one.clock.pk))
    newest = list({one.clock.conversation_id: one for one in in_time}.items())[-EXAMPLES:]
    talks = Conversation.objects.select_related("identity").in_bulk([id_ for id_, _ in newest])
    return [(talks[id_], one) for id_, one in reversed(newest)]
