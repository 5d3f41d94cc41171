"""The life story of a customer, told a window at a time, as far as its reader may know it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from apps.agents.models import User
from apps.conversations.models import Conversation, Message
from apps.conversations.queries.windows import Window, of_customer
from apps.ledger.models import Event

EVENTS = 300
MOST_FOUND = 1000
TOLD = (
    "assigned",
    "unassigned",
    "returned",
    "kept",
    "reopened",
    "snoozed",
    "woke",
    "paused",
    "unpaused",
    "resolved",
    "resolve_undone",
    "dismissed",
    "merged",
    "tagged",
    "untagged",
    "prioritized",
    "flagged",
    "unflagged",
    "pinned",
    "unpinned",
    "promised",
    "promise_kept",
    "promise_broken",
    "promise_withdrawn",
)
_OF_THESE = (
    "SELECT unnest(%s::bigint[])"
    " UNION ALL SELECT id FROM conversations_conversation WHERE merged_into_id = %s"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the story that is of one conversation; `ended` is its last resolve that stands.

    `starts` says that nothing of the conversation comes before. `events` are told of the open
    conversation alone.
    """

    conversation: Conversation
    messages: list[Message]
    context: list[Message]
    events: list[Event]
    ended: Event | None
    starts: bool


@dataclass(frozen=True, slots=True)
class Story:
    """A window of the story, oldest first. `names` are of the people its events speak of.

    `before` and `after` are the messages where it goes on, if it does. What has `after` None ends
    with the newest of the open conversation.
    """

    stretches: list[Stretch]
    names: dict[int, str]
    before: int | None
    after: int | None


def story(conversation: Conversation, window: Window) -> Story:
    """Tell a window of a customer's story, seen from this conversation."""
    shown: dict[int, list[Message]] = {}
    for message in window.messages:
        shown.setdefault(message.conversation_id or 0, []).append(message)
    if not window.newer:
        shown.setdefault(conversation.pk, [])
    events = _events(conversation, list(shown))
    ends = _ends(events)
    others = shown.keys() - {conversation.pk}
    stretches = [
        Stretch(
            conversation=window.conversations.get(i, conversation),
            messages=messages,
            context=window.context if i == conversation.pk and i in window.starts else [],
            events=_events_here(events, others, window, messages) if i == conversation.pk else [],
            ended=ends.get(i),
            starts=i in window.starts,
        )
        for i, messages in shown.items()
    ]
    return Story(
        stretches=stretches,
        names=_names(events),
        before=window.messages[0].pk if window.older and window.messages else None,
        after=window.messages[-1].pk if window.newer and window.messages else None,
    )


def place_in(conversation: Conversation, message_id: int, *, user: User) -> Message | None:
    """Return a message of the story this conversation's page tells, if `user` may read it."""
    return (
        Message.objects.filter(id=message_id)
        .filter(conversation__in=_told_by(conversation, user=user))
        .exclude(state__in=[Message.State.UNDONE, Message.State.DISCARDED])
        .select_related("conversation", "author", "identity", "channel")
        .first()
    )


def first_since(conversation: Conversation, at: datetime, *, user: User) -> Message | None:
    """Return the earliest message of the story from an instant on, else its very last."""
    said = Message.objects.filter(
        conversation__in=_told_by(conversation, user=user), posted_at__isnull=False
    ).select_related("conversation", "author", "identity", "channel")
    since = said.filter(posted_at__gte=at).order_by("posted_at", "id").first()
    return since or said.order_by("-posted_at", "-id").first()


def found_in(conversation: Conversation, words: str, *, user: User) -> list[int]:
    """Return the ids of the story's messages that hold these words, in the story's order.

    Any case; as one phrase. The newest MOST_FOUND of them.
    """
    if not words.strip():
        return []
    found = (
        Message.objects.filter(
            conversation__in=_told_by(conversation, user=user), text__icontains=words.strip()
        )
        .exclude(state__in=[Message.State.UNDONE, Message.State.DISCARDED])
        .order_by(
            F("conversation__last_message_at").desc(),
            F("conversation").desc(),
            F("posted_at").desc(nulls_first=True),
            F("id").desc(),
        )
    )
    return list(found.values_list("id", flat=True)[:MOST_FOUND])[::-1]


def newest_said_id(conversation: Conversation, messages: Sequence[Message]) -> int:
    """Return the highest of our ids among what was said to or by us here: what has been seen."""
    here = [m for m in messages if m.conversation_id == conversation.pk]
    return max((m.pk for m in here if m.direction != Message.Direction.NOTE), default=0)


def _told_by(conversation: Conversation, *, user: User) -> QuerySet[Conversation]:
    return of_customer(conversation, user=user).filter(
        Q(last_message_at__lt=conversation.last_message_at)
        | Q(last_message_at=conversation.last_message_at, id__lte=conversation.pk)
    )


def _events(conversation: Conversation, conversation_ids: Sequence[int]) -> list[Any]:
    """What happened here, in what was joined into it, and in the others shown; oldest first."""
    of_these = RawSQL(_OF_THESE, [list(conversation_ids), conversation.pk])  # noqa: S611
    names = User.objects.values("name")
    found = Event.objects.filter(conversation_id__in=of_these, kind__in=TOLD).annotate(
        by_name=Subquery(names.filter(id=OuterRef("by_id"))),
        user_name=Subquery(names.filter(id=OuterRef("user_id"))),
    )
    return list(found.order_by("-id")[:EVENTS])[::-1]


def _events_here(
    events: Sequence[Event], others: Collection[int], window: Window, messages: Sequence[Message]
) -> list[Event]:
    """Of the open conversation, those that fall between the first message shown and the last."""
    here = [event for event in events if event.conversation_id not in others]
    if not (messages and messages[0].conversation_id in window.starts):
        first = messages[0].said_at if messages else None
        here = [event for event in here if first is None or event.at >= first]
    if window.newer and messages:
        here = [event for event in here if event.at <= messages[-1].said_at]
    return here


def _ends(events: Sequence[Event]) -> dict[int, Event]:
    """The last resolve of each, where it was not taken back."""
    last = {event.conversation_id: event for event in events if "resolve" in event.kind}
    return {i: event for i, event in last.items() if i and event.kind == "resolved"}


def _names(events: Sequence[Any]) -> dict[int, str]:
    said = [pair for e in events for pair in ((e.by_id, e.by_name), (e.user_id, e.user_name))]
    return {user_id: name for user_id, name in said if user_id is not None and name}
