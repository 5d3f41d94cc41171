"""What happens in the play: what is said on Square, and what colleagues decide at the desk."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from random import Random

from apps.agents.models import User
from apps.channels.models import Channel
from apps.square.models import Person, Post
from socialdesk.demo.crowd import Customer
from socialdesk.demo.script import Script
from socialdesk.demo.wording import Wording


@dataclass(slots=True, eq=False)
class Account:
    """A brand as it is known on both sides: its person on Square and its channel at the desk."""

    person: Person
    channel: Channel
    pace: float


@dataclass(slots=True, eq=False)
class Talk:
    """One customer's part of one thread, which the desk will know as a conversation."""

    account: Account
    customer: Customer
    script: Script
    wording: Wording
    chance: Random
    joins: "Said | None" = None  # the post it answers, where it doesn't begin a thread
    silent_after: int | None = None  # how many turns are played; None for all
    pauses: list[float] = field(default_factory=list)  # minutes before each turn, where told

    played: int = 0
    first: "Said | None" = None
    last: "Said | None" = None

    is_open: bool = False
    waits: bool = False
    assignee: User | None = None
    assigned_at: datetime | None = None
    returned_from: User | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """To whom the router gave a talk, and in which words it says why."""

    to: User
    because: str


@dataclass(slots=True, eq=False)
class Said:
    """A post on Square, written at `at` and known to the desk at `heard_at`.

    `talk` is None for a brand's own first post. The last four say what the desk makes of it.
    """

    account: Account
    author: Person
    text: str
    language: str
    at: datetime
    heard_at: datetime
    parent: "Said | None"
    talk: Talk | None
    by: User | None = None
    post: Post | None = None

    opened: bool = False
    reopened: bool = False
    kept_by: User | None = None
    given: Given | None = None


class Choice(StrEnum):
    """What a colleague may decide."""

    RESOLVE = "resolve"
    DISMISS = "dismiss"
    NOTE = "note"
    ASSIGN = "assign"
    RELEASE = "release"


@dataclass(slots=True, eq=False)
class Decided:
    """A colleague's decision about a talk; `text` is a note or a reason."""

    choice: Choice
    talk: Talk
    by: User
    at: datetime
    text: str = ""
    to: User | None = None
    over: str = ""


Happening = Said | Decided


def known_at(happening: Happening) -> datetime:
    """When it reaches the desk."""
    return happening.heard_at if isinstance(happening, Said) else happening.at
