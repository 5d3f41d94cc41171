"""What the desk remembers of a customer, as far as its reader may know it, in a few queries.

A brief is told from these rows each time it is shown, so what was edited, deleted, merged or made
private since is so in the brief too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, JSONObject, Left

from apps.agents.models import User
from apps.channels.models import secrets_of
from apps.conversations.models import Clock, Conversation, Message, Pledge
from apps.conversations.models.conversation import RESPONSES
from apps.customers.models import Customer, Identity, Match
from apps.customers.told import LONGEST

TALKS = 50
LINES = 2000
CLOCKS = 1000
PLEDGES = 20
MATCHES = 50
SAID = {None, Message.State.SENT}
FOREVER = datetime.max.replace(tzinfo=UTC)
PLEDGED_AT = ("due_at", "made_at", "settled_at")
PLEDGE = ("id", "message", "made_by", "words", "state", "settled_note", *PLEDGED_AT)


class Line(NamedTuple):
    """One message as the desk remembers it: who said what, when and where."""

    id: int
    conversation_id: int
    direction: str
    author_id: int | None
    author_name: str
    said_at: datetime
    text: str
    is_gone: bool
    is_said: bool
    pinned_at: datetime | None

    @property
    def is_theirs(self) -> bool:
        """Whether the customer said it, and it still stands."""
        return self.direction == Message.Direction.INBOUND and not self.is_gone

    @property
    def is_help(self) -> bool:
        """Whether somebody of the desk said it to the customer."""
        is_ours = self.direction == Message.Direction.OUTBOUND
        return is_ours and self.is_said and self.author_id is not None

    @property
    def is_note(self) -> bool:
        """Whether it was written for colleagues."""
        return self.direction == Message.Direction.NOTE

    @property
    def author_first_name(self) -> str:
        """What colleagues call its author."""
        return self.author_name.split(" ")[0]


@dataclass(frozen=True, slots=True)
class Memory:
    """A customer's rows: `talks` the newest TALKS of `count` conversations, `lines` newest first.

    `clocks`, newest first, are all measured first responses, the waits that run, and all of the
    conversation it is recalled for; `pinned` the notes that are to be read first, the newest pin
    first.
    """

    customer: Customer
    identities: list[Identity]
    talks: Sequence[Conversation]
    count: int
    clocks: list[Clock]
    lines: list[Line]
    pledges: list[Pledge]
    matches: list[Match]
    pinned: list[Line]

    @property
    def waits(self) -> list[Clock]:
        """How long first answers took, and the waits that run."""
        return [clock for clock in self.clocks if _is_first_answer(clock) or _runs(clock)]

    def clocks_of(self, conversation: Conversation) -> list[Clock]:
        """Return the clocks of the conversation this was recalled for, newest first."""
        return [clock for clock in self.clocks if clock.conversation_id == conversation.pk]

    def running_wait(self, conversation: Conversation) -> Clock | None:
        """Return the clock of a wait that runs in a conversation."""
        return next(filter(_runs, self.clocks_of(conversation)), None)

    def first_waits(self) -> dict[int, float]:
        """Return how long each conversation's first answer took, in seconds."""
        return {
            w.conversation_id: w.customer_seconds
            for w in reversed(self.clocks)
            if _is_first_answer(w) and w.customer_seconds is not None
        }


def remember(customer: Customer, *, user: User, conversation: Conversation | None = None) -> Memory:
    """Recall a customer from what `user` may read, with all clocks of the conversation shown."""
    talks = list(
        conversations_of(customer, user=user)
        .select_related("identity__customer", "identity__home")
        .annotate(
            count=Window(Count("id")),
            has_matches=Exists(_matches_of(customer)),
            pledged=_pledged_in(customer),
        )
        .order_by("-last_message_at", "-id")[:TALKS]
    )
    newest = talks[0] if talks else None
    lines = recall_lines(customer, user=user)
    return Memory(
        customer=customer,
        identities=_identities(customer, talks, user=user),
        talks=talks,
        count=newest.count if newest else 0,
        clocks=_clocks(customer, conversation, user=user),
        lines=lines,
        pledges=_pledges(customer, talks, user=user),
        matches=_matches(customer, user=user) if newest and newest.has_matches else [],
        pinned=_pinned(customer, lines, user=user),
    )


def conversations_of(customer: Customer, *, user: User) -> QuerySet[Conversation]:
    """Return all of a customer's conversations that `user` may read."""
    return (
        Conversation.objects.visible_to(user)
        .filter(identity__customer=customer, merged_into__isnull=True)
        .select_related("channel", "identity", "assignee")
        .defer(*secrets_of("channel"))
    )


def _identities(customer: Customer, talks: Sequence[Conversation], *, user: User) -> list[Identity]:
    """A handle that is known from a private channel alone is nobody else's to know."""
    if len(talks) < TALKS:
        known = {talk.identity_id: talk.identity for talk in talks}
        return sorted(known.values(), key=lambda identity: (identity.network, identity.pk))
    here = Conversation.objects.visible_to(user).filter(identity=OuterRef("id"))
    found = customer.identities.filter(Exists(here)).select_related("customer", "home")
    return list(found.order_by("network", "id"))


def _pledged_in(customer: Customer) -> ArraySubquery:
    """Read with a customer's conversations what was promised in each."""
    here = _made_to(customer).filter(
        identity=OuterRef("identity"), message__conversation=OuterRef("id")
    )
    shown = {name: F(name) for name in PLEDGE} | {"made_by_name": F("made_by__name")}
    return ArraySubquery(here.values(shown=JSONObject(**shown)))


def _made_to(customer: Customer) -> QuerySet[Pledge]:
    return Pledge.objects.made_to(customer).exclude(state=Pledge.State.WITHDRAWN)


def _pledges(customer: Customer, talks: Sequence[Conversation], *, user: User) -> list[Pledge]:
    """What is promised and still open, the next due first, then what ended last."""
    if len(talks) == TALKS:  # there may be more, and older ones
        holding = _made_to(customer).values("message__conversation")
        every = conversations_of(customer, user=user).filter(id__in=holding)
        talks = list(every.annotate(pledged=_pledged_in(customer)))
    found = [
        _pledge(talk, **told)
        for talk in talks
        for told in talk.pledged  # type: ignore[attr-defined]
    ]
    kept = sorted(found, key=lambda one: (one.due_at, one.pk))
    kept.sort(key=lambda one: one.settled_at or FOREVER, reverse=True)
    return kept[:PLEDGES]


def _pledge(talk: Conversation, *, made_by_name: str, **told: Any) -> Pledge:
    for name in PLEDGED_AT:
        told[name] = datetime.fromisoformat(told[name]) if told[name] else None
    made_by = User(pk=told.pop("made_by"), name=made_by_name)
    message = Message(pk=told.pop("message"), conversation=talk)
    return Pledge(identity=talk.identity, made_by=made_by, message=message, **told)


def _matches_of(customer: Customer) -> QuerySet[Match]:
    return Match.objects.filter(Q(left__customer=customer) | Q(right__customer=customer))


def _matches(customer: Customer, *, user: User) -> list[Match]:
    """All that was said of who is one person with them, as far as both sides may be known."""
    every = Conversation.objects.all()
    readable = Conversation.objects.visible_to(user)
    hidden = every.exclude(id__in=readable.values("id"))
    of_either = Q(identity=OuterRef("left")) | Q(identity=OuterRef("right"))
    found = (
        _matches_of(customer)
        .filter(
            Exists(readable.filter(identity=OuterRef("left"))),
            Exists(readable.filter(identity=OuterRef("right"))),
        )
        .annotate(is_partly_hidden=Exists(hidden.filter(of_either)))
        .select_related("left__customer", "right__customer", "decided_by", "parted_by")
    )
    matches = list(found.order_by("-id")[:MATCHES])
    _leave_hidden_evidence([one for one in matches if one.is_partly_hidden], user=user)
    return [*matches]


def _leave_hidden_evidence(matches: Sequence[Match], *, user: User) -> None:
    """What was told in a private channel is nobody else's to know, wherever else it was told."""
    cited = {pk for match in matches for said in match.evidence for pk in said["messages"]}
    if not cited:
        return
    readable = Conversation.objects.visible_to(user)
    heard = Message.objects.filter(id__in=cited, conversation__in=readable)
    known = set(heard.values_list("id", flat=True))
    for match in matches:
        match.evidence = [one for one in match.evidence if known.issuperset(one["messages"])]


def _clocks(customer: Customer, conversation: Conversation | None, *, user: User) -> list[Clock]:
    wanted = Q(kind=Clock.Kind.FIRST_RESPONSE, stop=Clock.Stop.REPLY)
    wanted |= Q(stopped_at__isnull=True, kind__in=RESPONSES)
    if conversation is not None:
        wanted |= Q(conversation=conversation)
    found = Clock.objects.filter(wanted, conversation__in=_ids(customer, user=user))
    return list(
        found.select_related("policy_version", "calendar_version__business_hours").order_by(
            "-started_at", "kind"
        )[:CLOCKS]
    )


def _is_first_answer(clock: Clock) -> bool:
    return clock.kind == Clock.Kind.FIRST_RESPONSE and clock.stop == Clock.Stop.REPLY


def _runs(clock: Clock) -> bool:
    return clock.stopped_at is None and clock.kind in RESPONSES


def recall_lines(customer: Customer, *, user: User) -> list[Line]:
    """Return the newest LINES of what was said with a customer, newest first."""
    found = (
        Message.objects.filter(conversation__in=_ids(customer, user=user))
        .exclude(state__in=[Message.State.UNDONE, Message.State.DISCARDED])
        .order_by(F("posted_at").desc(nulls_first=True), "-id")
    )
    return _as_lines(found[:LINES])


def _pinned(customer: Customer, lines: Sequence[Line], *, user: User) -> list[Line]:
    if len(lines) == LINES:  # there may be more, and older ones
        notes = Message.objects.filter(
            pin__isnull=False, conversation__in=_ids(customer, user=user)
        )
        lines = _as_lines(notes)
    pinned = [(line.pinned_at, line.id, line) for line in lines if line.pinned_at]
    return [line for _, _, line in sorted(pinned, key=lambda one: one[:2], reverse=True)]


def _as_lines(messages: QuerySet[Message]) -> list[Line]:
    rows = messages.values_list(
        "id",
        "conversation_id",
        "direction",
        "author_id",
        Coalesce("author__name", "channel__handle"),
        Coalesce("posted_at", "received_at"),
        Left("text", LONGEST),
        "deleted_at",
        "state",
        "pin__pinned_at",
    )
    return [
        Line._make([*row, deleted_at is not None, state in SAID, pinned_at])
        for *row, deleted_at, state, pinned_at in rows
    ]


def _ids(customer: Customer, *, user: User) -> QuerySet[Conversation, Any]:
    return conversations_of(customer, user=user).select_related(None).values("id")
