"""The inbox: queues, their counts, and their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Left

from apps.agents.models import Membership, Presence, Team, User
from apps.channels.models import Channel
from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Conversation, Message
from apps.conversations.models.conversation import ConversationQuerySet

PAGE = 50
GONE = "Deleted there"
PREVIEW_CHARACTERS = 280
MOST_ON_NOW = 30
MOST_COLLEAGUES = 100
OPEN_CONVERSATIONS = Count(
    "conversations",
    filter=Q(conversations__state=Conversation.State.OPEN, conversations__merged_into__isnull=True),
)
SAID_AT = Coalesce("posted_at", "received_at")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Queue(StrEnum):
    """Which open conversations a person looks at."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    EVERYONE = "everyone"


class Section(StrEnum):
    """Somebody waits, longest first; or all are answered, newest first."""

    WAITING = "waiting"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in its queue, to go on from: `waiting-1763890000123456-42`."""

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


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation as the list shows it. `since` is null where nobody waits."""

    conversation: Conversation
    since: datetime | None
    newest: Message | None

    @property
    def section(self) -> Section:
        """The part of the list it stands in."""
        return Section.WAITING if self.since else Section.ANSWERED


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a queue, where they go on, and the section the page before ended in."""

    rows: list[Row]
    next: Place | None
    continues: Section | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many conversations of each queue need attention."""

    mine: int
    unassigned: int
    everyone: int


def counts(user: User) -> Counts:
    """Count the queues of this person, all in one query."""
    found = (
        _open(user)
        .needing_attention()
        .aggregate(
            mine=Count("id", filter=Q(assignee=user)),
            unassigned=Count("id", filter=Q(assignee__isnull=True)),
            everyone=Count("id"),
        )
    )
    return Counts(**found)


def page(user: User, queue: Queue, *, after: Place | None = None, limit: int = PAGE) -> Page:
    """Return up to `limit` rows: those waiting, oldest first, then the answered, newest first."""
    chosen = _chosen(user, queue)
    found: list[Conversation] = []
    if after is None or after.section is Section.WAITING:
        found += _waiting(chosen, after)[: limit + 1]
    if len(found) <= limit:
        found += _answered(chosen, after)[: limit + 1 - len(found)]
    shown = found[:limit]
    newest = newest_messages(shown)
    return Page(
        rows=[Row(c, c.attention_since, newest.get(c.pk)) for c in shown],
        next=_place(shown[-1]) if len(found) > limit else None,
        continues=after.section if after else None,
    )


def newest_messages(conversations: Sequence[Conversation]) -> dict[int, Message]:
    """Return the newest message of each, notes and taken-back replies aside; texts cut short."""
    messages = (
        Message.objects.filter(conversation__in=conversations)
        .exclude(direction=Message.Direction.NOTE)
        .exclude(state__in=[Message.State.UNDONE, Message.State.DISCARDED])
        .select_related("author")
        .annotate(
            preview=Case(
                When(deleted_at__isnull=True, then=Left("text", PREVIEW_CHARACTERS)),
                default=Value(GONE),
            )
        )
        .defer("text")
        .order_by("conversation", SAID_AT.desc(), "-id")
        .distinct("conversation")
    )
    return {m.conversation_id: m for m in messages if m.conversation_id is not None}


def on_now(user: User, *, at: datetime) -> QuerySet[User]:
    """People on shift in this person's teams who are on or away, with their `standing` and `load`:
    their open conversations.
    """
    teams = Team.objects.all() if user.is_admin else user.teams.all()
    people: QuerySet[User] = (
        User.objects.on_shift(at=at)
        .with_standing(at=at)
        .exclude(standing=Presence.Standing.OFF)
        .filter(id__in=Membership.objects.filter(team__in=teams).values("user"))
        .annotate(load=OPEN_CONVERSATIONS)
        .order_by("name", "id")[:MOST_ON_NOW]
    )
    return people


def colleagues(team_id: int, *, at: datetime) -> QuerySet[User]:
    """People a conversation of this team may be handed to, those who are on first, with `load`."""
    on_shift = User.objects.on_shift(at=at).filter(id=OuterRef("id"))
    people: QuerySet[User] = (
        User.objects.filter(
            is_active=True, id__in=Membership.objects.filter(team=team_id).values("user")
        )
        .with_standing(at=at)
        .annotate(load=OPEN_CONVERSATIONS, is_on_shift=Exists(on_shift))
        .annotate(is_on=Q(is_on_shift=True, standing=Presence.Standing.ON))
        .order_by("-is_on", "name", "id")[:MOST_COLLEAGUES]
    )
    return people


def _place(conversation: Conversation) -> Place:
    since = conversation.attention_since
    if since is None:
        return Place(Section.ANSWERED, conversation.last_message_at, conversation.pk)
    return Place(Section.WAITING, since, conversation.pk)


def _open(user: User) -> ConversationQuerySet:
    """What this person may be asked to work on; one assigned to them is theirs in any team.

    Nobody is asked to answer what came from an archive.
    """
    channels = Channel.objects.answered_by(user)
    chosen = Conversation.objects.open().filter(Q(channel__in=channels) | Q(assignee=user))
    return chosen.exclude(channel__network__in=RECEIVING_ONLY)


def _chosen(user: User, queue: Queue) -> ConversationQuerySet:
    chosen = _open(user)
    if queue is Queue.MINE:
        chosen = chosen.filter(assignee=user)
    elif queue is Queue.UNASSIGNED:
        chosen = chosen.filter(assignee__isnull=True)
    return chosen.select_related("channel", "identity", "assignee")


def _waiting(chosen: ConversationQuerySet, after: Place | None) -> ConversationQuerySet:
    waiting = (
        chosen.filter(Q(waiting_since__isnull=False) | Q(unseen_since__isnull=False))
        .annotate(since=Coalesce("waiting_since", "unseen_since"))
        .order_by("since", "id")
    )
    if after is None:
        return waiting
    return waiting.filter(Q(since__gt=after.at) | Q(since=after.at, id__gt=after.conversation_id))


def _answered(chosen: ConversationQuerySet, after: Place | None) -> ConversationQuerySet:
    answered = chosen.filter(waiting_since__isnull=True, unseen_since__isnull=True).order_by(
        F("last_message_at").desc(), "-id"
    )
    if after is None or after.section is Section.WAITING:
        return answered
    return answered.filter(
        Q(last_message_at__lt=after.at) | Q(last_message_at=after.at, id__lt=after.conversation_id)
    )
