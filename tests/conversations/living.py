"""Lets lives happen at a desk, many at once, and tells from the same words how they must stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import pausing, resolving, snoozing
from apps.conversations.operations.receiving import Arrival, receive
from apps.sla.models import BusinessHours, Policy, PolicyVersion
from apps.sla.operations import save_business_hours, save_policy
from tests.conversations.lives import (
    ROUNDS,
    Choice,
    Decision,
    Life,
    Promised,
    Said,
    minute_of,
)
from tests.conversations.oracle import Point, contacts_of
from tests.people import NOON, Kim, brand_says, minutes

SNOOZE_MINUTES = 11
ALIVE = ("open", "snoozed", "resolved")


@dataclass
class Talk:
    """One of Kim's conversations as the rules say: what hangs together, and how it stands."""

    ids: set[int]
    state: str = "open"
    until: int | None = None

    def take_in(self, other: "Talk") -> None:
        """Open beats snoozed beats resolved; of two snoozes the earlier end counts."""
        self.ids |= other.ids
        self.state = min(self.state, other.state, key=ALIVE.index)
        untils = [until for until in (self.until, other.until) if until is not None]
        self.until = min(untils) if self.state == "snoozed" else None


@dataclass
class Lived:
    """A life at the desk: what was heard and decided so far."""

    life: Life
    channel: Channel
    heard: list[Said] = field(default_factory=list)
    decided: list[tuple[Decision, Point]] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)

    def hear(self, said: Sequence[Said]) -> None:
        """Join first, then wake whom Kim wrote to."""
        self.heard += said
        for one in said:
            self._tie({one.id} | ({one.parent} if one.parent else set()))
        for talk in self.talks:
            if any(one.by_kim and one.id in talk.ids for one in said):
                talk.state, talk.until = "open", None

    def _tie(self, ids: set[int]) -> None:
        tied = Talk(set(ids), state="resolved")
        for talk in [talk for talk in self.talks if talk.ids & ids]:
            self.talks.remove(talk)
            tied.take_in(talk)
        self.talks.append(tied)

    def wake(self, minute: int) -> None:
        for talk in self.talks:
            if talk.until is not None and talk.until <= minute:
                talk.state, talk.until = "open", None

    def decide(self, decision: Decision) -> None:
        """Note what was decided, and nothing else that the desk had refused."""
        minute = minute_of(decision.round)
        talk = next(talk for talk in self.talks if decision.about in talk.ids)
        match decision.choice:
            case Choice.RESOLVE:
                talk.state, talk.until = "resolved", None
            case Choice.UNDO:
                self._undo(talk)
                talk.state = "open"
            case Choice.SNOOZE:
                talk.state, talk.until = "snoozed", minute + SNOOZE_MINUTES
            case Choice.WAKE:
                talk.state, talk.until = "open", None
        point = Point(minute, is_decision=True, number=len(self.decided), what=decision.choice)
        self.decided.append((decision, point))

    def _undo(self, talk: Talk) -> None:
        """Whatever keeps the current contact closed is taken back."""
        contacts = contacts_of(self.line(talk))
        closing = contacts[-1][1] if contacts else None
        self.decided = [
            (decision, point)
            for decision, point in self.decided
            if point.what != Choice.RESOLVE
            or decision.about not in talk.ids
            or (closing is not None and point.minute < closing.minute)
        ]

    def line(self, talk: Talk) -> list[Point]:
        said = [
            Point(one.minute, False, one.id, "asked" if one.by_kim else "answered")
            for one in self.heard
            if one.id in talk.ids
        ]
        return sorted([*said, *(p for d, p in self.decided if d.about in talk.ids)])

    def kims(self) -> list[Talk]:
        """The talks that are conversations: Kim wrote in them."""
        kims = {one.id for one in self.heard if one.by_kim}
        return [talk for talk in self.talks if talk.ids & kims]


def live(
    lives: Sequence[Life],
    channels: Sequence[Channel],
    promised: Sequence[tuple[int, Promised]],
    *,
    by: User,
) -> list[Lived]:
    """Let all of them happen, each on a channel of its own."""
    lived = [Lived(life, channel) for life, channel in zip(lives, channels, strict=True)]
    unsaved = list(enumerate(promised, start=1))
    for round_number in range(ROUNDS):
        minute = minute_of(round_number)
        while unsaved and unsaved[0][1][0] <= minute:
            _save(*unsaved.pop(0))
        snoozing.wake_due(at=NOON + minutes(minute))
        arrivals = []
        for one in lived:
            one.wake(minute)
            arrivals += [_arrival(one.channel, said) for said in one.life.heard_in(round_number)]
            one.hear(one.life.heard_in(round_number))
        receive(arrivals, at=NOON + minutes(minute))
        _decide(lived, round_number, by=by)
    return lived


def _save(version: int, of: tuple[int, Promised]) -> None:
    since, terms = of
    at = NOON + minutes(since)
    week = {"mon": [[_clock(opens), _clock(closes)] for opens, closes in terms.opens]}
    save_business_hours(name="Care", definition={"zone": "UTC", "week": week}, by=None, at=at)
    said = PolicyVersion(
        name=f"v{version}",
        business_hours=BusinessHours.objects.get(),
        warn_percent=50,
        first_response_minutes=terms.first,
        next_response_minutes=terms.following,
        resolution_minutes=terms.resolution,
    )
    save_policy(said=said, policy=Policy.objects.first(), by=None, at=at)


def _clock(minute: int) -> str:
    return f"{12 + minute // 60:02}:{minute % 60:02}"


def _arrival(channel: Channel, said: Said) -> Arrival:
    at, parent = NOON + minutes(said.minute), str(said.parent) if said.parent else None
    if said.by_kim:
        kim = Kim(channel)
        return Arrival(channel, kim.says("a", at=at, external_id=said.id, parent_id=parent))
    return Arrival(channel, brand_says(channel, "a", at=at, parent_id=parent, external_id=said.id))


def _decide(lived: Sequence[Lived], round_number: int, *, by: User) -> None:
    wanted = {
        (one.channel.pk, str(decision.about)): (one, decision)
        for one in lived
        for decision in one.life.decided_in(round_number)
    }
    found = Message.objects.filter(
        channel__in=[channel_id for channel_id, _ in wanted],
        external_id__in={external_id for _, external_id in wanted},
        conversation__isnull=False,
    ).select_related("conversation__channel")
    at = NOON + minutes(minute_of(round_number))
    places = {(m.channel_id, m.external_id or ""): m.conversation for m in found}
    for key, (one, decision) in wanted.items():
        if conversation := places.get(key):
            if decision.choice in {_stands(conversation), conversation.paused_for}:
                continue  # it stands so already: nothing is decided
            try:
                _operation(decision.choice, at)(conversation=conversation, by=by, at=at)
            except DeskError:
                continue
            one.decide(decision)


def _stands(conversation: Conversation) -> Choice | None:
    return Choice.RESOLVE if conversation.state == Conversation.State.RESOLVED else None


def _operation(choice: Choice, at: datetime) -> "partial[None]":
    reason = "thanks only"
    operations: Mapping[Choice, partial[None]] = {
        Choice.RESOLVE: partial(resolving.resolve, no_reply_needed=reason),
        Choice.UNDO: partial(resolving.undo_resolve),
        Choice.DISMISS: partial(resolving.dismiss, no_reply_needed=reason),
        Choice.SNOOZE: partial(snoozing.snooze, until=at + minutes(SNOOZE_MINUTES)),
        Choice.WAKE: partial(snoozing.wake),
        Choice.PAUSE_FOR_CUSTOMER: partial(pausing.pause, paused_for=Conversation.Pause.CUSTOMER),
        Choice.PAUSE_FOR_OTHERS: partial(pausing.pause, paused_for=Conversation.Pause.THIRD_PARTY),
        Choice.UNPAUSE: partial(pausing.unpause),
    }
    return operations[choice]
