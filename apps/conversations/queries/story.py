"""The story of a customer as one conversation's page tells it, oldest first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from apps.agents.models import User
from apps.conversations.models import Clock, Conversation, Message
from apps.ledger.models import Event

SAID_AT = Coalesce("posted_at", "received_at")
EARLIER_CONVERSATIONS = 5
MESSAGES_HERE = 300
MESSAGES_EACH_EARLIER = 30
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
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier conversation, condensed: what was said, and how it ended."""

    conversation: Conversation
    messages: list[Message]
    resolved: Event | None
    first_response_seconds: float | None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything a timeline is made of. `names` are of the people the events speak of.

    `cut` says that older messages of this conversation were left out; `before` is where still
    earlier conversations go on.
    """

    conversation: Conversation
    earlier: list[Earlier]
    before: Conversation | None
    messages: list[Message]
    context: list[Message]
    events: list[Event]
    names: dict[int, str]
    cut: bool


def story(conversation: Conversation, *, user: User, whole: bool = False) -> Story:
    """Tell this conversation and the customer's last ones before it, as far as `user` may read."""
    messages = _messages_here(conversation, whole=whole)
    earlier, before = earlier_conversations(conversation, user=user)
    events = list(
        Event.objects.filter(
            conversation_id__in=_ids_through_merges(conversation), kind__in=TOLD
        ).order_by("-id")[:MESSAGES_HERE]
    )[::-1]
    return Story(
        conversation=conversation,
        earlier=earlier,
        before=before,
        messages=messages[:MESSAGES_HERE] if not whole else messages,
        context=_context(conversation),
        events=events,
        names=_names([*events, *(e.resolved for e in earlier if e.resolved)]),
        cut=not whole and len(messages) > MESSAGES_HERE,
    )


def earlier_conversations(
    conversation: Conversation, *, user: User, before: Conversation | None = None
) -> tuple[list[Earlier], Conversation | None]:
    """Return the customer's conversations before `before`, oldest first, and where they go on."""
    found = _others(conversation, user=user)
    if before is not None:
        found = found.filter(
            Q(last_message_at__lt=before.last_message_at)
            | Q(last_message_at=before.last_message_at, id__lt=before.pk)
        )
    chosen = list(found.order_by("-last_message_at", "-id")[: EARLIER_CONVERSATIONS + 1])
    goes_on = len(chosen) > EARLIER_CONVERSATIONS
    shown = chosen[:EARLIER_CONVERSATIONS]
    return _condensed(shown[::-1]), shown[-1] if goes_on else None


def resolver_names(earlier: Sequence[Earlier]) -> dict[int, str]:
    """Return the names of the people who resolved these conversations, by id."""
    return _names([e.resolved for e in earlier if e.resolved])


def _others(conversation: Conversation, *, user: User) -> QuerySet[Conversation]:
    """The customer's other conversations that began no later than this one ends."""
    return (
        Conversation.objects.visible_to(user)
        .filter(
            identity__customer=conversation.identity.customer_id,
            merged_into__isnull=True,
            last_message_at__lte=conversation.last_message_at,
        )
        .exclude(id=conversation.pk)
        .select_related("channel", "identity")
    )


def _condensed(conversations: Sequence[Conversation]) -> list[Earlier]:
    said: dict[int, list[Message]] = defaultdict(list)
    for message in _newest_of_each(conversations):
        if message.conversation_id is not None:
            said[message.conversation_id].append(message)
    ends = _resolves(conversations)
    waits = dict(
        Clock.objects.filter(
            conversation__in=conversations, kind=Clock.Kind.FIRST_RESPONSE, stop=Clock.Stop.REPLY
        )
        .order_by("conversation", "contact")
        .distinct("conversation")
        .values_list("conversation_id", "customer_seconds")
    )
    return [Earlier(c, said[c.pk], ends.get(c.pk), waits.get(c.pk)) for c in conversations]


def _newest_of_each(conversations: Sequence[Conversation]) -> QuerySet[Message]:
    return (
        _readable(Message.objects.filter(conversation__in=conversations))
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=F("conversation"),
                order_by=[SAID_AT.desc(), F("id").desc()],
            )
        )
        .filter(place__lte=MESSAGES_EACH_EARLIER)
        .order_by(SAID_AT, "id")
    )


def _resolves(conversations: Sequence[Conversation]) -> dict[int, Event]:
    """The last resolve of each, where it was not taken back."""
    events = (
        Event.objects.filter(
            conversation_id__in=[c.pk for c in conversations],
            kind__in=["resolved", "resolve_undone"],
        )
        .order_by("conversation_id", "-id")
        .distinct("conversation_id")
    )
    return {
        event.conversation_id: event
        for event in events
        if event.conversation_id is not None and event.kind == "resolved"
    }


def _messages_here(conversation: Conversation, *, whole: bool) -> list[Message]:
    newest_first = _readable(conversation.messages.all()).order_by(SAID_AT.desc(), "-id")
    return list(newest_first if whole else newest_first[: MESSAGES_HERE + 1])


def _context(conversation: Conversation) -> list[Message]:
    """What our side said in the thread before any customer: shown, part of no conversation."""
    context = Message.objects.filter(thread=conversation.thread_id, conversation__isnull=True)
    return list(_readable(context).order_by(SAID_AT.desc(), "-id")[:EARLIER_CONVERSATIONS])


def _readable(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Replies taken back or given up were never said."""
    return messages.exclude(
        state__in=[Message.State.UNDONE, Message.State.DISCARDED]
    ).select_related("author", "identity", "channel")


def _ids_through_merges(conversation: Conversation) -> list[int]:
    merged = Conversation.objects.filter(merged_into=conversation.pk)
    return [conversation.pk, *merged.values_list("id", flat=True)]


def _names(events: Collection[Event]) -> dict[int, str]:
    ids = {i for event in events for i in (event.by_id, event.user_id) if i is not None}
    return dict(User.objects.filter(id__in=ids).values_list("id", "name"))


def newest_said_id(messages: Sequence[Message]) -> int | None:
    """Return the highest of our ids among what was said to or by us: what somebody has now seen."""
    return max((m.pk for m in messages if m.direction != Message.Direction.NOTE), default=None)
