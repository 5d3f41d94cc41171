"""Where the time of an answered wait went: five legs that add up to it exactly (clocks.md)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Leg(StrEnum):
    """One part of a wait, in the order in which they come."""

    DETECT = "detect"  # posted, until it reached the desk
    QUEUE = "queue"  # until it was first assigned
    READ = "read"  # until its assignee first opened it, or somebody began a draft
    WRITE = "write"  # until its author sent the reply
    DELIVER = "deliver"  # until the network had accepted it


@dataclass(frozen=True, slots=True)
class Marks:
    """The instants that part the legs; None where nothing is known."""

    received_at: datetime | None = None
    assigned_at: datetime | None = None
    read_at: datetime | None = None
    sent_at: datetime | None = None

    @property
    def in_order(self) -> tuple[datetime | None, ...]:
        """The marks as they come."""
        return (self.received_at, self.assigned_at, self.read_at, self.sent_at)


def clamped(marks: Marks, *, started_at: datetime, stopped_at: datetime) -> list[datetime]:
    """Return the four marks in order within the wait: none before the one before it, none after
    the stop. A missing mark stands where the one before it does: its leg has no length.
    """
    held: list[datetime] = []
    before = started_at
    for mark in marks.in_order:
        before = before if mark is None else min(max(mark, before), stopped_at)
        held.append(before)
    return held


def legs(marks: Marks, *, started_at: datetime, stopped_at: datetime) -> dict[Leg, timedelta]:
    """Return the length of each leg; together they are the wait."""
    ends = [*clamped(marks, started_at=started_at, stopped_at=stopped_at), stopped_at]
    begins = [started_at, *ends[:-1]]
    return {leg: end - begin for leg, begin, end in zip(Leg, begins, ends, strict=True)}
