"""The inbox: the pages of its lists, their counts, and who is on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
from apps.common.counting import counted_together
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.queries.asking import Asked, Order, Place, Queue, Section
from apps.conversations.queries.bands import Band, attention, bands, ids, within

PAGE = 50
MOST_COUNTED = 100
WAITS_SHOWN = 6
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
    found: list[tuple[Place, Conversation]] = []
    for band in _remaining(bands(asked, at=at), after):
        if len(found) <= limit:
            there = within(band, after, only)
            found += _first(there, asked, user, limit + 1 - len(found))
    shown = [conversation for _, conversation in found[:limit]]
    newest, waits = newest_messages(shown), running_waits(shown)
    return Page(
        rows=[Row(c, place, newest.get(c.pk), waits.get(c.pk)) for place, c in found[:limit]],
        next=found[limit - 1][0] if len(found) > limit else None,
        continues=after.section if after else None,
    )


def counts(user: User, lists: Mapping[str, Asked], *, at: datetime) -> dict[str, int]:
    """Count what needs attention in each of these lists, in one statement.

    Beyond MOST_COUNTED nobody needs the figure every second. Of queues in which nobody waits all
    are counted.
    """
    return counted_together(
        {
            name: ids(attention(asked, at=at), asked, user, MOST_COUNTED)[:MOST_COUNTED]
            for name, asked in lists.items()
        }
    )


def running_waits(conversations: Sequence[Conversation]) -> dict[int, Clock]:
    """Return the clock of each wait that runs, with what judges it."""
    clocks = Clock.objects.filter(
        conversation__in=[c.pk for c in conversations if c.waiting_since], stopped_at__isnull=True
    )
    found = clocks.exclude(kind=Clock.Kind.RESOLUTION).select_related(
        "policy_version", "calendar_version__business_hours"
    )
    return {clock.conversation_id: clock for clock in found}


def waits_of(conversation: Conversation) -> list[Clock]:
    """Return a conversation's last waits, newest first, with what judges each.

    The one that runs, if any, is among them: no later one began while it does.
    """
    clocks = conversation.clocks.select_related(
        "policy_version", "calendar_version__business_hours"
    )
    return list(clocks.order_by("-started_at", "kind")[:WAITS_SHOWN])


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


def everybody(user: User) -> QuerySet[User]:
    """Active people of this person's teams, of all teams for an admin."""
    teams = Team.objects.all() if user.is_admin else user.teams.all()
    members = Membership.objects.filter(team__in=teams).values("user")
    people: QuerySet[User] = User.objects.filter(id__in=members, is_active=True)
    return people.order_by("name", "id")[:MOST_COLLEAGUES]


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


def _remaining(made: list[Band], after: Place | None) -> list[Band]:
    """The band of a place, and those below it."""
    if after is None:
        return made
    sections = [band.section for band in made]
    return made[sections.index(after.section) :] if after.section in sections else []


def _first(band: Band, asked: Asked, user: User, limit: int) -> list[tuple[Place, Conversation]]:
    every = Conversation.objects.with_wait() if band.field == "due_at" else Conversation.objects
    shown = list(
        every.filter(id__in=ids(band, asked, user, limit))
        .select_related("channel", "identity__customer", "identity__home", "assignee")
        .prefetch_related("tags", "identity__customer__flags", "identity__home__flags")
        .order_by(*band.order)[:limit]
    )
    if len(shown) < limit and band.is_cut_short():
        # What was followed may stand in other people's queues, or be filtered out: follow them all.
        return _first(replace(band, walked=None), asked, user, limit)
    return [(band.place(conversation), conversation) for conversation in shown]
