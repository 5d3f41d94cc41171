"""What the clocks of a life must be, told minute by minute from clocks.md; nothing of ours is used.

A wait is looked up among the messages and decisions in their order; what is promised and how long
it was paused is counted minute by minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.conversations.lives import Choice, Promised

WEEK = 7 * 24 * 60
CLOSED_FROM = 200  # minutes after a Monday's noon, until the next one's
PAUSES: set[str] = {Choice.PAUSE_FOR_CUSTOMER, Choice.PAUSE_FOR_OTHERS}
ENDS: set[str] = {"asked", Choice.UNPAUSE, Choice.RESOLVE}


@dataclass(frozen=True, order=True)
class Point:
    """Something on the line: what was said comes before what was decided in the same minute."""

    minute: int
    is_decision: bool
    number: int  # a message's id, or which decision it was
    what: str  # "asked", "answered" or a Choice


@dataclass(frozen=True)
class Wait:
    kind: str
    contact: int
    position: int
    started: int
    stopped: int | None
    stop: str | None
    reply: int | None
    due: int | None
    warn: int | None
    desk_seconds: int | None
    paused_seconds: int
    paused_since: int | None
    paused_for: str | None
    version: int


def waits_of(points: Sequence[Point], promised: Sequence[tuple[int, Promised]]) -> set[Wait]:
    """All clocks of one conversation."""
    line = sorted(points)
    found = set()
    for contact, (opening, closing) in enumerate(contacts_of(line), start=1):
        within = [p for p in line if opening <= p and (closing is None or p <= closing)]
        found.add(_resolution(contact, opening, closing, within, promised))
        for position, (asked, ended) in enumerate(_responses(within)):
            found.add(_response(contact, position, asked, ended, promised))
    return found


def contacts_of(line: Sequence[Point]) -> list[tuple[Point, Point | None]]:
    """From a first message to the resolve after it, again and again."""
    found: list[tuple[Point, Point | None]] = []
    rest = list(line)
    while asked := next((p for p in rest if p.what == "asked"), None):
        closing = next((p for p in rest if p > asked and p.what == Choice.RESOLVE), None)
        found.append((asked, closing))
        rest = [p for p in rest if closing is not None and p > closing]
    return found


def _responses(within: Sequence[Point]) -> list[tuple[Point, Point | None]]:
    enders = {"answered", Choice.DISMISS, Choice.RESOLVE}
    found: list[tuple[Point, Point | None]] = []
    rest = list(within)
    while asked := next((p for p in rest if p.what == "asked"), None):
        ended = next((p for p in rest if p > asked and p.what in enders), None)
        found.append((asked, ended))
        rest = [p for p in rest if ended is not None and p > ended]
    return found


def _response(
    contact: int,
    position: int,
    asked: Point,
    ended: Point | None,
    promised: Sequence[tuple[int, Promised]],
) -> Wait:
    version, terms = _in_force(asked, promised)
    is_reply = ended is not None and ended.what == "answered"
    target = terms.following if position else terms.first
    return Wait(
        kind="next_response" if position else "first_response",
        contact=contact,
        position=max(position, 1),
        started=asked.minute,
        stopped=ended.minute if ended else None,
        stop=None if ended is None else "reply" if is_reply else "no_reply_needed",
        reply=ended.number if ended and is_reply else None,
        due=_used_up(asked.minute, target, terms, paused=set()),
        warn=_used_up(asked.minute, target // 2, terms, paused=set()),
        desk_seconds=_desk_seconds(asked, ended, terms, set()),
        paused_seconds=0,
        paused_since=None,
        paused_for=None,
        version=version,
    )


def _resolution(
    contact: int,
    opening: Point,
    closing: Point | None,
    within: Sequence[Point],
    promised: Sequence[tuple[int, Promised]],
) -> Wait:
    version, terms = _in_force(opening, promised)
    words = [p for p in within if p.what in PAUSES | ENDS]
    last = max(p.minute for p in within)
    paused = {minute for minute in range(opening.minute, last) if _is_paused(words, minute)}
    runs = words[max(i for i, p in enumerate(words) if p.what in ENDS) + 1 :]
    since = runs[0].minute if runs else None
    due = _used_up(opening.minute, terms.resolution, terms, paused=paused, until=since)
    warn = _used_up(opening.minute, terms.resolution // 2, terms, paused=paused, until=since)
    return Wait(
        kind="resolution",
        contact=contact,
        position=1,
        started=opening.minute,
        stopped=closing.minute if closing else None,
        stop="resolved" if closing else None,
        reply=None,
        due=due,
        warn=warn if due is not None else None,
        desk_seconds=_desk_seconds(opening, closing, terms, paused),
        paused_seconds=60 * len([m for m in paused if since is None or m < since]),
        paused_since=since,
        paused_for=str(runs[-1].what) if runs else None,
        version=version,
    )


def _is_paused(words: Sequence[Point], minute: int) -> bool:
    """The last word before the minute is over decides."""
    return max(p for p in words if p.minute <= minute).what in PAUSES


def _in_force(opening: Point, promised: Sequence[tuple[int, Promised]]) -> tuple[int, Promised]:
    """Versions are numbered from 1; a later one holds for what was posted from its saving on."""
    known = [number for number, (since, _) in enumerate(promised) if since <= opening.minute]
    return known[-1] + 1, promised[known[-1]][1]


def _is_open(minute: int, terms: Promised) -> bool:
    return any(opens <= minute % WEEK < closes for opens, closes in terms.opens)


def _used_up(
    start: int, target: int, terms: Promised, *, paused: set[int], until: int | None = None
) -> int | None:
    """When so many open minutes outside of the pauses are over; None where a pause that still runs
    comes before that.
    """
    minute = start
    while target:
        if until is not None and minute >= until:
            return None
        if minute % WEEK >= CLOSED_FROM:
            minute += WEEK - minute % WEEK
        target -= minute not in paused and _is_open(minute, terms)
        minute += 1
    return minute


def _desk_seconds(
    asked: Point, ended: Point | None, terms: Promised, paused: set[int]
) -> int | None:
    if ended is None:
        return None
    passed = range(asked.minute, ended.minute)
    return 60 * sum(_is_open(m, terms) and m not in paused for m in passed)
