"""The inbox: the pages of its lists, their counts, and who is on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    Exists,
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
from apps.channels.models import secrets_of
from apps.common.statements import Statement
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.queries.asking import Asked, Order, Place, Queue, Section
from apps.conversations.queries.bands import attention, ids
from apps.conversations.queries.offering import borne_by
from apps.conversations.queries.written import Reader, count_of, first_places, sections
from apps.labels.models import Label

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


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation as the list shows it; `wait` is null where no wait runs."""

    conversation: Conversation
    place: Place
    newest: Message | None
    wait: Clock | None
    tags: list[Label]
    flags: list[Label]

    @property
    def since(self) -> datetime | None:
        """Since when it needs attention, if it does."""
        since: datetime | None = self.conversation.attention_since
        return since

    @property
    def section(self) -> Section:
        """The part of the list it stands in."""
        return self.place.section


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, where they go on, and the section the page before ended in."""

    rows: list[Row]
    next: Place | None
    continues: Section | None

    def returning(self) -> list[Conversation]:
        """Those that go back to the queue unless their assignee opens them, the first one first."""
        shown = [row.conversation for row in self.rows if row.since]
        timed = [(c.returns_at, c.pk, c) for c in shown if c.returns_at is not None]
        return [conversation for _, _, conversation in sorted(timed, key=lambda one: one[:2])]


def page(
    user: User,
    asked: Asked,
    *,
    at: datetime,
    after: Place | None = None,
    limit: int = PAGE,
    only: Sequence[int] | None = None,
) -> Page:
    """Return up to `limit` rows of a list, from its top or `after` a place; of `only` these, if any
    are named.
    """
    reader = Reader(user, at)
    remaining = _remaining(sections(asked), after)
    found: list[Place] = []
    for among in (remaining[:1], remaining[1:]):
        wanted = limit + 1 - len(found)
        if among and wanted:
            found += first_places(asked, reader, among, after=after, only=only, limit=wanted)
    places = found[:limit]
    shown = _shown([place.conversation_id for place in places])
    return Page(
        rows=_rows(places, shown),
        next=places[-1] if len(found) > limit else None,
        continues=after.section if after else None,
    )


def to_count(user: User, lists: Mapping[str, Asked], *, at: datetime) -> dict[str, Statement]:
    """Return what needs attention in each of these lists, for `counted_together`.

    Beyond MOST_COUNTED nobody needs the figure every second. Of queues in which nobody waits all
    are counted.
    """
    reader = Reader(user, at)
    return {name: count_of(asked, reader, MOST_COUNTED) for name, asked in lists.items()}


def running_waits(conversations: Collection[Conversation]) -> dict[int, Clock]:
    """Return the clock of each wait that runs, with what judges it."""
    clocks = Clock.objects.filter(
        conversation__in=[c.pk for c in conversations if c.waiting_since], stopped_at__isnull=True
    )
    found = clocks.exclude(kind=Clock.Kind.RESOLUTION).select_related(
        "policy_version", "calendar_version__business_hours"
    )
    return {clock.conversation_id: clock for clock in found}


def waiting_longest(user: User, *, at: datetime) -> Conversation | None:
    """The conversation of the customer who has waited longest in this person's queues."""
    asked = Asked(Queue.EVERYONE, order=Order.WAITING)
    band = attention(asked, at=at)
    waiting = replace(
        band, sources=tuple(rows.filter(waiting_since__isnull=False) for rows in band.sources)
    )
    found = Conversation.objects.filter(id__in=ids(waiting, asked, user, 1))
    ordered = found.order_by("waiting_since", "id")
    return ordered.select_related("identity", "channel", "assignee").first()


def newest_messages(conversations: Collection[Conversation]) -> dict[int, Message]:
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
    people: QuerySet[User] = (
        User.objects.on_shift(at=at)
        .with_standing(at=at)
        .exclude(standing=Presence.Standing.OFF)
        .filter(id__in=_members(user))
        .annotate(load=OPEN_CONVERSATIONS)
        .order_by("name", "id")[:MOST_ON_NOW]
    )
    return people


def pulling_teams(user: User) -> QuerySet[Team]:
    """Return the teams in which this person may take for themselves."""
    teams = Team.objects.exclude(mode=Team.Mode.PUSH)
    return teams if user.is_admin else teams.filter(id__in=user.team_ids)


def everybody(user: User) -> QuerySet[User]:
    """Active people of this person's teams, of all teams for an admin."""
    people: QuerySet[User] = User.objects.filter(id__in=_members(user), is_active=True)
    return people.order_by("name", "id")[:MOST_COLLEAGUES]


def _members(user: User) -> "QuerySet[Membership, Any]":
    """Return the ids of everybody in this person's teams, in any team for an admin."""
    members = Membership.objects.all()
    return (members if user.is_admin else members.filter(team__in=user.team_ids)).values("user")


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


def _remaining(made: tuple[Section, ...], after: Place | None) -> tuple[Section, ...]:
    """The section of a place, and those below it."""
    if after is None:
        return made
    return made[made.index(after.section) :] if after.section in made else ()


def _shown(conversation_ids: Sequence[int]) -> dict[int, Conversation]:
    """Return what a list shows of these conversations, by their ids."""
    of_each = ("channel", "identity", "assignee")
    found = Conversation.objects.select_related(*of_each).defer(*secrets_of("channel"))
    return found.in_bulk(conversation_ids)


def _rows(places: Sequence[Place], shown: Mapping[int, Conversation]) -> list[Row]:
    conversations = shown.values()
    newest, waits = newest_messages(conversations), running_waits(conversations)
    borne = borne_by(conversations)
    return [
        Row(
            shown[pk],
            place,
            newest.get(pk),
            waits.get(pk),
            borne.tags.get(pk, []),
            borne.flags_of(shown[pk].identity),
        )
        for place in places
        for pk in (place.conversation_id,)
    ]
