"""What a list asks for: a queue, what narrows it, and in which order; and a row's place in it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from apps.channels.connector import Surface
from apps.labels.models import Priority

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = 0
LONGEST_LANGUAGE = 35
LARGEST_ID = 2**63 - 1
LONGEST_OVER = 60 * 24 * 365


class Queue(StrEnum):
    """Which conversations a person looks at: open ones, or those that are put off."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    AT_RISK = "at-risk"
    EVERYONE = "everyone"
    SNOOZED = "snoozed"
    FOUND = "found"
    WELCOME = "welcome"

    @property
    def label(self) -> str:
        """As the rail names it."""
        return str(self).replace("-", " ").capitalize()


class Order(StrEnum):
    """What comes first: what is due, who has waited longest, or what was said last."""

    DUE = "due"
    WAITING = "waiting"
    NEWEST = "newest"


class Section(StrEnum):
    """A part of a list, in one order of its own."""

    DUE = "due"
    WAITING = "waiting"
    ANSWERED = "answered"
    NEWEST = "newest"
    SNOOZED = "snoozed"

    @property
    def heading(self) -> str:
        """What stands above it; what is due stands with those who wait without a promise."""
        return {Section.DUE: "waiting", Section.NEWEST: ""}.get(self, str(self))


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list. `assignee` is a user's id or NOBODY; `over`, minutes waited at least."""

    channel: int | None = None
    team: int | None = None
    tag: int | None = None
    assignee: int | None = None
    over: int | None = None
    surface: str = ""
    language: str = ""
    priority: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Self:
        """Read filters as an address or a saved view has them; ValueError for what they aren't."""
        most = {"over": LONGEST_OVER}
        numbers = {
            name: _number(given[name], most.get(name, LARGEST_ID))
            for name in ("channel", "team", "tag", "assignee", "over")
            if given.get(name)
        }
        if surface := given.get("surface", ""):
            Surface(surface)
        if priority := given.get("priority", ""):
            Priority(priority)
        language = given.get("language", "")[:LONGEST_LANGUAGE].strip().lower()
        return cls(**numbers, surface=surface, language=language, priority=priority)

    def given(self) -> dict[str, str]:
        """Return those that narrow anything, as `parse` reads them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: str(value) for name, value in values.items() if value not in {None, ""}}


@dataclass(frozen=True, slots=True)
class Asked:
    """A list somebody looks at."""

    queue: Queue
    filters: Filters = Filters()
    order: Order = Order.DUE

    @classmethod
    def parse(cls, queue: Queue, given: Mapping[str, str]) -> Self:
        """Read what an address or a saved view asks of a queue; raises ValueError."""
        return cls(queue, Filters.parse(given), Order(given.get("order") or Order.DUE))

    def given(self) -> dict[str, str]:
        """Return what an address says besides the queue."""
        order = {} if self.order is Order.DUE else {"order": str(self.order)}
        return self.filters.given() | order


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in its list, to go on from: `waiting-1763890000123456-42`."""

    section: Section
    at: datetime
    conversation_id: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a place from an address; raises ValueError for anything else."""
        section, microseconds, conversation_id = text.split("-")
        try:
            at = EPOCH + timedelta(microseconds=int(microseconds))
        except OverflowError as error:
            raise ValueError(text) from error
        return cls(Section(section), at, int(conversation_id))

    def __str__(self) -> str:
        microseconds = (self.at - EPOCH) // timedelta(microseconds=1)
        return f"{self.section}-{microseconds}-{self.conversation_id}"


def _number(text: str, most: int) -> int:
    number = int(text)
    if not 0 <= number <= most:
        raise ValueError(text)
    return number
