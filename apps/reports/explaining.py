"""Why a figure is what it is: its definition, what was left out, and one wait reckoned by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from apps.conversations.models import Clock, Message
from apps.conversations.models.message import SILENT_SURFACES
from apps.conversations.timelines import timeline
from apps.reports.counted import messages, waits
from apps.reports.figures import Times
from apps.reports.queries import response_times
from apps.reports.questions import By, Question
from apps.sla.episodes import Kind, Moment, Step, episodes
from apps.sla.legs import Leg

VERSION = 1
"""Grows when a definition changes, so that two reports can be told apart."""

DEFINITIONS: Mapping[Clock.Kind, str] = {
    Clock.Kind.FIRST_RESPONSE: (
        "From a contact's first message, at the time the network gave it, until the network"
        " accepted the first reply, or a person decided that none is needed. A contact begins with"
        " the first message ever, and with the first after each resolve."
    ),
    Clock.Kind.NEXT_RESPONSE: (
        "From the first message that nobody has answered, later in a contact, at the time the"
        " network gave it, until the network accepted a reply, or a person decided that none is"
        " needed."
    ),
    Clock.Kind.RESOLUTION: (
        "From a contact's first message, at the time the network gave it, until a person resolved"
        " it. Pauses are part of it; how long they were stands beside it."
    ),
}


class Reason(StrEnum):
    """Why something that somebody might look for is not in a figure's percentiles."""

    RUNNING = "running"  # it still runs: it stands beside them, and counts as broken once it is due
    DISMISSED = "dismissed"  # a person decided that no reply is needed
    JOINED = "joined"  # a message came while its author waited already: one wait, not two
    SILENT = "silent"  # a search found it, or somebody followed: nobody addressed us
    NOT_PROMISED = "not_promised"  # no policy fitted: counted in times, not in what was kept


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with what it means. `left_out` tells how many there were of each reason: clocks,
    of JOINED and SILENT messages.
    """

    version: int
    definition: str
    answer: Times
    left_out: dict[Reason, int]


class Part(StrEnum):
    """What something that happened did to a wait."""

    OPENS = "opens"
    JOINS = "joins"
    ANSWERS = "answers"
    PAUSES = "pauses"
    GOES_ON = "goes_on"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a wait; `after` is the time since the wait began."""

    at: datetime
    after: timedelta
    part: Part
    step: Step
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One wait from its events: `took` is the end less the beginning, None while it runs.

    `agrees` tells whether reckoning it now, from what was said and decided, ends in the stored
    row. The legs add up to `took`; empty where they weren't measured.
    """

    clock: Clock
    happened: list[Happened]
    took: timedelta | None
    paused: timedelta
    legs: dict[Leg, timedelta]
    agrees: bool


def explain(question: Question, *, kind: Clock.Kind, by: By | None = None) -> Explanation:
    """Explain the figures of one kind: the same answer, with what it counts and what it doesn't."""
    answer = response_times(question, kind=kind, by=by)
    said = messages(question).filter(direction=Message.Direction.INBOUND)
    silent = said.filter(surface__in=SILENT_SURFACES).count()
    opened = waits(question, Clock.Kind.FIRST_RESPONSE, Clock.Kind.NEXT_RESPONSE).count()
    total = answer.total
    return Explanation(
        version=VERSION,
        definition=DEFINITIONS[kind],
        answer=answer,
        left_out={
            Reason.RUNNING: total.running,
            Reason.DISMISSED: total.dismissed,
            Reason.JOINED: max(said.count() - silent - opened, 0),
            Reason.SILENT: silent,
            Reason.NOT_PROMISED: waits(question, kind).filter(policy_version=None).count(),
        },
    )


def reckon(clock: Clock) -> Reckoning:
    """Reckon one wait from what was said and decided, as the ledger and the messages have it."""
    moments = sorted(timeline(clock.conversation_id), key=lambda moment: (moment.at, moment.order))
    return Reckoning(
        clock=clock,
        happened=_happened(clock, moments),
        took=clock.stopped_at - clock.started_at if clock.stopped_at else None,
        paused=timedelta(seconds=clock.paused_seconds),
        legs=clock.legs,
        agrees=any(
            (e.kind, e.contact, e.position, e.started_at, e.stopped_at)
            == (Kind(clock.kind), clock.contact, clock.position, clock.started_at, clock.stopped_at)
            for e in episodes(moments)
        ),
    )


def _happened(clock: Clock, moments: list[Moment]) -> list[Happened]:
    """Return what lies between beginning and end; what came at that very instant is part of it."""
    found: list[Happened] = []
    for moment in moments:
        if moment.at < clock.started_at or (clock.stopped_at and moment.at > clock.stopped_at):
            continue
        part = _part(clock, moment, is_first=not found)
        if part is not None:
            after = moment.at - clock.started_at
            found.append(Happened(moment.at, after, part, moment.step, moment.message_id))
            if part is Part.ENDS:
                break
    return found


def _part(clock: Clock, moment: Moment, *, is_first: bool) -> Part | None:
    """Say what it did; a response clock knows no pauses, a resolution ends by its resolve alone."""
    is_resolution = clock.kind == Clock.Kind.RESOLUTION
    match moment.step:
        case Step.ASKED:
            return Part.OPENS if is_first else Part.JOINS
        case _ if is_first:
            return None
        case Step.RESOLVED:
            return Part.ENDS
        case Step.ANSWERED | Step.DISMISSED:
            return Part.ANSWERS if is_resolution else Part.ENDS
        case Step.PAUSED:
            return Part.PAUSES if is_resolution else None
        case Step.UNPAUSED:
            return Part.GOES_ON if is_resolution else None
