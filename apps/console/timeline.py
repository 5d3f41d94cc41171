"""A story laid out for reading: days, messages and events in the order in which they were."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.agents.models import User
from apps.console import spelling, wording
from apps.conversations.models import Message
from apps.conversations.queries.story import Earlier, Story
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


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier conversation: its heading and what was said."""

    earlier: Earlier
    heading: str
    items: list[Said]


Item = Day | Told | Said


def laid_out(story: Story, *, user: User, now: datetime) -> list[Item]:
    """Put a conversation's messages, its thread's context and its events in order."""
    context = [_said(m, "context", user=user, now=now) for m in story.context]
    messages = [_said(m, _kind(m), user=user, now=now) for m in story.messages]
    events = [Told(e, wording.happened(e, story.names)) for e in story.events]
    items: list[tuple[datetime, int, Told | Said]] = [
        *((s.message.said_at, s.message.pk, s) for s in (*context, *messages)),
        *((t.event.at, t.event.pk, t) for t in events),
    ]
    ordered = sorted(items, key=lambda item: (item[0], isinstance(item[2], Told), item[1]))
    return list(_with_days([(at, item) for at, _, item in ordered], now=now))


def past(
    earlier: Sequence[Earlier], names: Mapping[int, str], *, user: User, now: datetime
) -> list[Past]:
    """Condense earlier conversations, each under a heading that says how it went."""
    return [
        Past(
            e, _heading(e, names, now), [_said(m, _kind(m), user=user, now=now) for m in e.messages]
        )
        for e in earlier
    ]


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
        may_undo=own and message.state == Message.State.QUEUED and waits,
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


def _with_days(ordered: Sequence[tuple[datetime, Told | Said]], *, now: datetime) -> Iterator[Item]:
    shown = ""
    for at, item in ordered:
        text = spelling.day(at, now)
        if text != shown:
            yield Day(text)
            shown = text
        yield item


def _heading(earlier: Earlier, names: Mapping[int, str], now: datetime) -> str:
    conversation = earlier.conversation
    parts = [spelling.day(conversation.last_message_at, now), conversation.channel.connector.label]
    if earlier.resolved:
        parts.append(f"resolved by {names.get(earlier.resolved.by_id or 0, wording.SOMEBODY)}")
    if earlier.first_response_seconds is not None:
        parts.append(f"answered in {spelling.duration(earlier.first_response_seconds)}")
    return " · ".join(parts)
