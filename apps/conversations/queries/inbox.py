"""The inbox: queues, their counts, and their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Left

from apps.agents.models import Membership, Presence, Team, User
from apps.channels.models import Channel
from apps.channels.registry import RECEIVING_ONLY
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.models.conversation import ConversationQuerySet

PAGE = 50
MOST_COUNTED = 100
GONE = "Deleted there"
PREVIEW_CHARACTERS = 280
MOST_ON_NOW = 30
MOST_COLLEAGUES = 100
OPEN_CONVERSATIONS = Coalesce(
    Subquery(
        Conversation.objects.open()
        .filter(assignee=OuterRef("id"))
        .order_by()
        .values("assignee")
        .annotate(number=Sum("weight"))
        .values("number")
    ),
    0,
)
SAID_AT = Coalesce("posted_at", "received_at")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Ids = QuerySet[Any, int]


class Unnested(Func):
    """The members of an array, a row each."""

    function = "unnest"
    set_returning = True
    output_field = BigIntegerField()


class Queue(StrEnum):
    """Which conversations a person looks at: open ones, or those that are put off."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    EVERYONE = "everyone"
    SNOOZED = "snoozed"


class Section(StrEnum):
    """Somebody waits, longest first; all are answered, newest first; or put off, next first."""

    WAITING = "waiting"
    ANSWERED = "answered"
    SNOOZED = "snoozed"


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
    """One conversation as the list shows it. `since` and `wait` are null where nobody waits."""

    conversation: Conversation
    since: datetime | None
    newest: Message | None
    wait: Clock | None

    @property
    def section(self) -> Section:
        """The part of the list it stands in."""
        if self.conversation.snoozed_until:
            return Section.SNOOZED
        return Section.WAITING if self.since else Section.ANSWERED


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a queue, where they go on, and the section the page before ended in."""

    rows: list[Row]
    next: Place | None
    continues: Section | None

    def returning(self) -> list[Conversation]:
        """Those that go back to the queue unless their assignee opens them, the first one first."""
        shown = [row.conversation for row in self.rows if row.since]
        timed = [(c.returns_at, c.pk, c) for c in shown if c.returns_at is not None]
        return [conversation for _, _, conversation in sorted(timed, key=lambda one: one[:2])]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many conversations of each queue need attention, as far as MOST_COUNTED.

    Of the snoozed ones all are counted.
    """

    mine: int
    unassigned: int
    everyone: int
    snoozed: int


def counts(user: User) -> Counts:
    """Count the queues of this person; beyond MOST_COUNTED nobody needs the figure every second."""
    waiting = _waiting(None)
    return Counts(
        mine=_own(waiting, user)[:MOST_COUNTED].count(),
        unassigned=_unassigned(waiting, user, MOST_COUNTED)[:MOST_COUNTED].count(),
        everyone=_everyone(waiting, user, MOST_COUNTED)[:MOST_COUNTED].count(),
        snoozed=_everyone(_snoozed(None), user, MOST_COUNTED)[:MOST_COUNTED].count(),
    )


def page(user: User, queue: Queue, *, after: Place | None = None, limit: int = PAGE) -> Page:
    """Return up to `limit` rows: those waiting, oldest first, then the answered, newest first.

    What is put off comes in the order in which it comes back.
    """
    if queue is Queue.SNOOZED:
        found = _first(_snoozed(after), user, queue, limit + 1)
    else:
        found = _open_ones(user, queue, after, limit + 1)
    shown = found[:limit]
    newest, waits = newest_messages(shown), running_waits(shown)
    return Page(
        rows=[Row(c, c.attention_since, newest.get(c.pk), waits.get(c.pk)) for c in shown],
        next=_place(shown[-1]) if len(found) > limit else None,
        continues=after.section if after else None,
    )


def _open_ones(user: User, queue: Queue, after: Place | None, limit: int) -> list[Conversation]:
    found: list[Conversation] = []
    if after is None or after.section is Section.WAITING:
        found += _first(_waiting(after), user, queue, limit)
    if len(found) < limit:
        found += _first(_answered(after), user, queue, limit - len(found))
    return found


def running_waits(conversations: Sequence[Conversation]) -> dict[int, Clock]:
    """Return the clock of each wait that runs, with what judges it."""
    clocks = Clock.objects.filter(
        conversation__in=[c.pk for c in conversations if c.waiting_since], stopped_at__isnull=True
    )
    found = clocks.exclude(kind=Clock.Kind.RESOLUTION).select_related(
        "policy_version", "calendar_version__business_hours"
    )
    return {clock.conversation_id: clock for clock in found}


def waiting_longest(user: User) -> Conversation | None:
    """The conversation of the customer who has waited longest in this person's queues."""
    ids = _of_each_channel(_waiting(None).filter(waiting_since__isnull=False), user, 1)
    found = Conversation.objects.filter(id__in=ids).order_by("waiting_since", "id")
    return found.select_related("identity", "channel", "assignee").first()


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
    what their open conversations weigh.
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


def may_take_next(user: User) -> bool:
    """Whether somebody works where people take for themselves."""
    teams = Team.objects.all() if user.is_admin else user.teams.all()
    return teams.exclude(mode=Team.Mode.PUSH).exists()


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
    if conversation.snoozed_until is not None:
        return Place(Section.SNOOZED, conversation.snoozed_until, conversation.pk)
    since = conversation.attention_since
    if since is None:
        return Place(Section.ANSWERED, conversation.last_message_at, conversation.pk)
    return Place(Section.WAITING, since, conversation.pk)


def _first(
    ordered: ConversationQuerySet, user: User, queue: Queue, limit: int
) -> list[Conversation]:
    match queue:
        case Queue.MINE:
            ids = _own(ordered, user)[:limit]
        case Queue.UNASSIGNED:
            ids = _unassigned(ordered, user, limit)
        case Queue.EVERYONE | Queue.SNOOZED:
            ids = _everyone(ordered, user, limit)
    chosen = Conversation.objects.filter(id__in=ids)
    order = ordered.query.order_by
    shown = chosen.select_related("channel", "identity__customer", "assignee").order_by(*order)
    return list(shown.prefetch_related("tags", "identity__customer__flags")[:limit])


def _own(ordered: ConversationQuerySet, user: User) -> Ids:
    """What this person has in hand, in any team; nobody answers what came from an archive."""
    found = ordered.filter(assignee=user).exclude(channel__network__in=RECEIVING_ONLY)
    return found.values_list("id", flat=True)


def _unassigned(ordered: ConversationQuerySet, user: User, limit: int) -> Ids:
    return _of_each_channel(ordered.filter(assignee__isnull=True), user, limit)


def _everyone(ordered: ConversationQuerySet, user: User, limit: int) -> Ids:
    """Of their channels, and their own of other teams' channels: each once, so that to count them
    PostgreSQL need not see them all.
    """
    elsewhere = _own(ordered.exclude(channel__in=Channel.objects.answered_by(user)), user)
    return _of_each_channel(ordered, user, limit).union(elsewhere[:limit], all=True)


def _of_each_channel(ordered: ConversationQuerySet, user: User, limit: int) -> Ids:
    """The first `limit` of each channel whose queue this person works in.

    Asked for all channels at once PostgreSQL would read and sort all that is open; one by one
    each channel's first come from its index in order, however many stand behind them.
    """
    first = ordered.filter(channel=OuterRef("id")).values("id")[:limit]
    channels = Channel.objects.answered_by(user).exclude(network__in=RECEIVING_ONLY).order_by()
    return channels.values_list(Unnested(ArraySubquery(first)), flat=True)


def _waiting(after: Place | None) -> ConversationQuerySet:
    """Who waits, longest first. The lower bound is where PostgreSQL may begin in the index."""
    waiting = Conversation.objects.open().needing_attention().order_by("attention_since", "id")
    if after is None:
        return waiting
    return waiting.filter(
        Q(attention_since__gt=after.at) | Q(attention_since=after.at, id__gt=after.conversation_id),
        attention_since__gte=after.at,
    )


def _answered(after: Place | None) -> ConversationQuerySet:
    """The rest of what is open, newest first."""
    answered = (
        Conversation.objects.open()
        .filter(attention_since__isnull=True)
        .order_by("-last_message_at", "-id")
    )
    if after is None or after.section is Section.WAITING:
        return answered
    return answered.filter(
        Q(last_message_at__lt=after.at) | Q(last_message_at=after.at, id__lt=after.conversation_id),
        last_message_at__lte=after.at,
    )


def _snoozed(after: Place | None) -> ConversationQuerySet:
    """What is put off, the next to come back first."""
    snoozed = Conversation.objects.snoozed().order_by("snoozed_until", "id")
    if after is None or after.section is not Section.SNOOZED:
        return snoozed
    return snoozed.filter(
        Q(snoozed_until__gt=after.at) | Q(snoozed_until=after.at, id__gt=after.conversation_id),
        snoozed_until__gte=after.at,
    )
