"""What a response time is: the one pure function behind every clock (clocks.md).

A conversation's waits follow from what was said and what people decided, in the order of the
instants at which it was said there, whatever the order in which it reached the desk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

IdOrder = tuple[int, int, str]
Span = tuple[datetime, datetime]


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
    PAUSED = "paused"  # a named person: it cannot be resolved before somebody else does something
    UNPAUSED = "unpaused"  # a named person: it can go on


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the timeline.

    `order` breaks ties between messages of one instant (`id_order`); what a person decided comes
    after what was said at the same instant. `surface` and `received_at`, when it reached the desk,
    are for what is promised to somebody who asks, `language` for reports. `paused_for` is on whom a
    pause waits.
    """

    at: datetime
    step: Step
    order: IdOrder = (2, 0, "")
    message_id: int | None = None
    author_id: int | None = None
    surface: str = ""
    received_at: datetime | None = None
    paused_for: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promised when a wait opened; `due_at` None where it names no such target.

    While a resolution is paused nothing comes due: then both instants are None, unless it was due
    before the pause. Afterwards they have moved by the open time that the pause took.
    """

    due_at: datetime | None
    warn_at: datetime | None
    policy_version_id: int
    calendar_version_id: int | None


@dataclass(frozen=True, slots=True)
class Episode:
    """One measured wait; `stopped_at` is None while it runs, `promise` where no policy fits.

    `surface` and `language` are those of the message that opened it.

    Only resolutions pause: `paused` is how long in all, `pauses` the ended pauses one by one.
    During a pause `paused_at` is its beginning, `paused_for` on whom it waits, and `held` what was
    promised before it.
    """

    kind: Kind
    contact: int
    position: int
    started_at: datetime
    promise: Promise | None = None
    stopped_at: datetime | None = None
    stop: Stop | None = None
    reply_id: int | None = None
    credited_to_id: int | None = None
    paused: timedelta = timedelta()
    paused_at: datetime | None = None
    surface: str = ""
    language: str = ""
    paused_for: str = field(default="", compare=False)
    pauses: tuple[Span, ...] = field(default=(), compare=False)
    held: Promise | None = field(default=None, compare=False)


PromiseAt = Callable[[Kind, Moment], Promise | None]
PutOff = Callable[[datetime, Span, int | None], datetime]


def no_promise(_kind: Kind, _opening: Moment) -> None:
    """Without a policy the clock still runs, and nothing is due."""
    return


def put_off_round_the_clock(instant: datetime, pause: Span, _calendar: int | None) -> datetime:
    """Move what was due after the pause began by all of the pause."""
    paused_at, until = pause
    return instant + (until - paused_at)


def id_order(external_id: str) -> IdOrder:
    """Sort key of a network's ids: numeric ids as numbers and before text ids (threads.md)."""
    if external_id.isascii() and external_id.isdigit():
        return (0, int(external_id), external_id)
    return (1, 0, external_id)


def episodes(
    timeline: Iterable[Moment],
    promise_at: PromiseAt = no_promise,
    *,
    put_off: PutOff = put_off_round_the_clock,
    after: Iterable[Episode] = (),
) -> list[Episode]:
    """Derive all waits of one conversation, in the order in which they began.

    `put_off` says until when a pause moves what was due after its beginning, by which calendar's
    version. `after` are the waits derived from what came before this timeline: the reading goes on
    there.
    """
    reading = _Reading(promise_at, put_off, after)
    for moment in sorted(timeline, key=lambda moment: (moment.at, moment.order)):
        reading.read(moment)
    return reading.episodes


class _Reading:
    """Walks a timeline once; indexes into `episodes` say which waits are running."""

    def __init__(self, promise_at: PromiseAt, put_off: PutOff, after: Iterable[Episode]) -> None:
        self.episodes = sorted(after, key=lambda episode: (episode.started_at, episode.contact))
        self._promise_at = promise_at
        self._put_off = put_off
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
            case Step.PAUSED:
                self._pause(moment)
            case Step.UNPAUSED:
                self._go_on(moment)

    def _asked(self, moment: Moment) -> None:
        self._go_on(moment)
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
        self.episodes.append(
            Episode(
                kind,
                self._contact,
                position,
                opening.at,
                promise,
                surface=opening.surface,
                language=opening.language,
            )
        )
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

    def _pause(self, moment: Moment) -> None:
        """Paused already, it only waits on somebody else now."""
        if self._resolution is None:
            return
        running = self.episodes[self._resolution]
        paused = replace(running, paused_for=moment.paused_for)
        if running.paused_at is None:
            promise = _on_hold(running.promise, moment.at)
            paused = replace(paused, paused_at=moment.at, promise=promise, held=running.promise)
        self.episodes[self._resolution] = paused

    def _go_on(self, moment: Moment) -> None:
        if self._resolution is None:
            return
        running = self.episodes[self._resolution]
        if running.paused_at is None:
            return
        pause = (running.paused_at, moment.at)
        self.episodes[self._resolution] = replace(
            running,
            paused=running.paused + (moment.at - running.paused_at),
            pauses=(*running.pauses, pause),
            paused_at=None,
            paused_for="",
            promise=self._moved(running.held, pause),
            held=None,
        )

    def _moved(self, promise: Promise | None, pause: Span) -> Promise | None:
        if promise is None:
            return None
        due_at, warn_at = (
            instant
            if instant is None or instant <= pause[0]
            else self._put_off(instant, pause, promise.calendar_version_id)
            for instant in (promise.due_at, promise.warn_at)
        )
        return replace(promise, due_at=due_at, warn_at=warn_at)

    def _resolved(self, moment: Moment) -> None:
        """A pause ends with it, so that what was not due before never is broken by a pause."""
        self._go_on(moment)
        if self._resolution is None:
            return
        self.episodes[self._resolution] = replace(
            self.episodes[self._resolution], stopped_at=moment.at, stop=Stop.RESOLVED
        )
        self._resolution = None


def _on_hold(promise: Promise | None, paused_at: datetime) -> Promise | None:
    if promise is None or promise.due_at is None or promise.due_at <= paused_at:
        return promise
    return replace(promise, due_at=None, warn_at=None)
