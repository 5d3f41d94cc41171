"""What a response time is: the one pure function behind every clock (clocks.md).

A conversation's waits follow from what was said and what people decided, in the order of the
instants at which it was said there, whatever the order in which it reached the desk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

IdOrder = tuple[int, int, str]


class Kind(StrEnum):
    """What is measured."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class Stop(StrEnum):
    """What ended a wait."""

    REPLY = "reply"
    NO_REPLY_NEEDED = "no_reply_needed"
    RESOLVED = "resolved"


class Step(StrEnum):
    """What can stand on a conversation's timeline."""

    ASKED = "asked"  # the customer wrote, and it calls for an answer
    ANSWERED = "answered"  # the network accepted a person's reply
    DISMISSED = "dismissed"  # a named person: no reply needed
    RESOLVED = "resolved"  # a named person closed the contact


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the timeline.

    `order` breaks ties between messages of one instant (`id_order`); what a person decided comes
    after what was said at the same instant. `surface` and `received_at`, when it reached the desk,
    are for what is promised to somebody who asks.
    """

    at: datetime
    step: Step
    order: IdOrder = (2, 0, "")
    message_id: int | None = None
    author_id: int | None = None
    surface: str = ""
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promised when a wait opened; `due_at` None where it names no such target."""

    due_at: datetime | None
    warn_at: datetime | None
    policy_version_id: int
    calendar_version_id: int | None


@dataclass(frozen=True, slots=True)
class Episode:
    """One measured wait; `stopped_at` is None while it runs, `promise` where no policy fits."""

    kind: Kind
    contact: int
    position: int
    started_at: datetime
    promise: Promise | None = None
    stopped_at: datetime | None = None
    stop: Stop | None = None
    reply_id: int | None = None
    credited_to_id: int | None = None


PromiseAt = Callable[[Kind, Moment], Promise | None]


def no_promise(_kind: Kind, _opening: Moment) -> None:
    """Without a policy the clock still runs, and nothing is due."""
    return


def id_order(external_id: str) -> IdOrder:
    """Sort key of a network's ids: numeric ids as numbers and before text ids (threads.md)."""
    if external_id.isascii() and external_id.isdigit():
        return (0, int(external_id), external_id)
    return (1, 0, external_id)


def episodes(
    timeline: Iterable[Moment],
    promise_at: PromiseAt = no_promise,
    *,
    after: Iterable[Episode] = (),
) -> list[Episode]:
    """Derive all waits of one conversation, in the order in which they began.

    `after` are the waits derived from what came before this timeline: the reading goes on there.
    """
    reading = _Reading(promise_at, after)
    for moment in sorted(timeline, key=lambda moment: (moment.at, moment.order)):
        reading.read(moment)
    return reading.episodes


class _Reading:
    """Walks a timeline once; indexes into `episodes` say which waits are running."""

    def __init__(self, promise_at: PromiseAt, after: Iterable[Episode]) -> None:
        self.episodes = sorted(after, key=lambda episode: (episode.started_at, episode.contact))
        self._promise_at = promise_at
        self._contact = max((episode.contact for episode in self.episodes), default=0)
        self._responses = 0
        self._wait: int | None = None
        self._resolution: int | None = None
        for place, episode in enumerate(self.episodes):
            self._take_up(place, episode)

    def _take_up(self, place: int, episode: Episode) -> None:
        is_running = episode.stopped_at is None
        if episode.kind is Kind.RESOLUTION:
            self._resolution = place if is_running else self._resolution
        else:
            self._responses += episode.contact == self._contact
            self._wait = place if is_running else self._wait

    def read(self, moment: Moment) -> None:
        match moment.step:
            case Step.ASKED:
                self._asked(moment)
            case Step.ANSWERED:
                self._stop_wait(moment, Stop.REPLY)
            case Step.DISMISSED:
                self._stop_wait(moment, Stop.NO_REPLY_NEEDED)
            case Step.RESOLVED:
                self._stop_wait(moment, Stop.NO_REPLY_NEEDED)
                self._resolved(moment)

    def _asked(self, moment: Moment) -> None:
        if self._resolution is None:
            self._contact += 1
            self._responses = 0
            self._resolution = self._start(Kind.RESOLUTION, 1, moment)
        if self._wait is None:
            kind = Kind.NEXT_RESPONSE if self._responses else Kind.FIRST_RESPONSE
            self._wait = self._start(kind, max(self._responses, 1), moment)
            self._responses += 1

    def _start(self, kind: Kind, position: int, opening: Moment) -> int:
        promise = self._promise_at(kind, opening)
        self.episodes.append(Episode(kind, self._contact, position, opening.at, promise))
        return len(self.episodes) - 1

    def _stop_wait(self, moment: Moment, stop: Stop) -> None:
        if self._wait is None:
            return
        by_reply = stop is Stop.REPLY
        self.episodes[self._wait] = replace(
            self.episodes[self._wait],
            stopped_at=moment.at,
            stop=stop,
            reply_id=moment.message_id if by_reply else None,
            credited_to_id=moment.author_id if by_reply else None,
        )
        self._wait = None

    def _resolved(self, moment: Moment) -> None:
        if self._resolution is None:
            return
        self.episodes[self._resolution] = replace(
            self.episodes[self._resolution], stopped_at=moment.at, stop=Stop.RESOLVED
        )
        self._resolution = None
