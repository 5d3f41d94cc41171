"""A story laid out for reading: days, messages and events in the order in which they were."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.agents.models import User
from apps.console import spelling, wording
from apps.conversations.models import Conversation, Message
from apps.conversations.queries.story import Story, Stretch
from apps.ledger.models import Event

LATE = timedelta(minutes=1)
TROUBLE = (Message.State.REFUSED, Message.State.NEEDS_AUTHOR)


@dataclass(frozen=True, slots=True)
class Day:
    """A line that says which day begins."""

    text: str
    kind: str = "day"


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words."""

    event: Event
    sentence: str
    kind: str = "told"


@dataclass(frozen=True, slots=True)
class Said:
    """A message and how it is shown; `kind` is theirs, ours, note or context."""

    message: Message
    kind: str
    name: str
    number: int
    lag: str
    fares: str
    is_trouble: bool
    may_undo: bool
    may_take_back: bool


Item = Day | Told | Said


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the story as it is read: under a heading where it is of another conversation.

    `first` is its first message, from which the page that shows it goes on; `is_newest` says that
    it is the open conversation's and ends with its newest.
    """

    conversation: Conversation
    heading: str
    items: list[Item]
    first: int | None
    is_newest: bool


def laid_out(
    story: Story,
    conversation: Conversation,
    *,
    first_waits: Mapping[int, float],
    user: User,
    now: datetime,
) -> list[Part]:
    """Put each stretch's messages, and what is told between them, in the order in which they were.

    `first_waits` are the seconds that conversations waited for their first answers.
    """
    return [
        _part(stretch, conversation, story, first_waits, user=user, now=now)
        for stretch in story.stretches
    ]


def _part(
    stretch: Stretch,
    conversation: Conversation,
    story: Story,
    first_waits: Mapping[int, float],
    *,
    user: User,
    now: datetime,
) -> Part:
    is_open = stretch.conversation.pk == conversation.pk
    ordered = _in_order(stretch, story.names, user=user, now=now)
    first = min(stretch.messages, key=lambda m: m.said_at, default=None)
    heading = "" if is_open else _heading(stretch, first, story.names, first_waits, now)
    return Part(
        conversation=stretch.conversation,
        heading=heading,
        items=list(_with_days(ordered, after=None if is_open else first, now=now)),
        first=stretch.messages[0].pk if stretch.messages else None,
        is_newest=is_open and story.after is None,
    )


def _in_order(
    stretch: Stretch, names: Mapping[int, str], *, user: User, now: datetime
) -> list[tuple[datetime, Told | Said]]:
    context = [_said(m, "context", user=user, now=now) for m in stretch.context]
    messages = [_said(m, _kind(m), user=user, now=now) for m in stretch.messages]
    events = [Told(e, wording.happened(e, names)) for e in stretch.events]
    items: list[tuple[datetime, int, Told | Said]] = [
        *((s.message.said_at, s.message.pk, s) for s in (*context, *messages)),
        *((t.event.at, t.event.pk, t) for t in events),
    ]
    ordered = sorted(items, key=lambda item: (item[0], isinstance(item[2], Told), item[1]))
    return [(at, item) for at, _, item in ordered]


def _said(message: Message, kind: str, *, user: User, now: datetime) -> Said:
    own = message.author_id == user.pk
    waits = message.not_before is not None and message.not_before > now
    author = message.author.name if message.author else message.channel.handle
    customer = message.identity if message.direction == Message.Direction.INBOUND else None
    return Said(
        message=message,
        kind=kind,
        name=customer.name if customer else author,
        number=customer.customer_id if customer else message.author_id or 0,
        lag=_lag(message),
        fares=wording.fares(message, now=now),
        is_trouble=message.state in TROUBLE,
        may_undo=own
        and message.state == Message.State.QUEUED
        and waits
        and message.act_part == 1,  # all parts are taken back together
        may_take_back=own and message.state in TROUBLE,
    )


def _kind(message: Message) -> str:
    match message.direction:
        case Message.Direction.INBOUND:
            return "theirs"
        case Message.Direction.NOTE:
            return "note"
        case _:
            return "ours"


def _lag(message: Message) -> str:
    if message.direction != Message.Direction.INBOUND or message.posted_at is None:
        return ""
    late = message.received_at - message.posted_at
    return spelling.duration(late.total_seconds()) if late > LATE else ""


def _with_days(
    ordered: Sequence[tuple[datetime, Told | Said]], *, after: Message | None, now: datetime
) -> Iterator[Item]:
    """Say each day as it begins; that of `after` is said in the heading."""
    shown = spelling.day(after.said_at, now) if after else ""
    for at, item in ordered:
        text = spelling.day(at, now)
        if text != shown:
            yield Day(text)
            shown = text
        yield item


def _heading(
    stretch: Stretch,
    first: Message | None,
    names: Mapping[int, str],
    first_waits: Mapping[int, float],
    now: datetime,
) -> str:
    conversation = stretch.conversation
    begun = spelling.day(first.said_at if first else conversation.last_message_at, now)
    parts = [begun, str(conversation.channel), f"#{conversation.pk}"]
    if not stretch.starts:
        return " · ".join([*parts, "goes on"])
    if stretch.ended:
        parts.append(f"resolved by {names.get(stretch.ended.by_id or 0, wording.SOMEBODY)}")
    if conversation.pk in first_waits:
        parts.append(f"answered in {spelling.duration(first_waits[conversation.pk])}")
    return " · ".join(parts)
