"""Who a customer is to this desk: what the brief and the customer's page say.

Each line of a brief is quoted from one message and says which, or is counted; nothing is guessed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from apps.agents.models import User
from apps.conversations.models import Clock, Conversation, Message, Pledge
from apps.conversations.queries.memory import Line, Memory, conversations_of
from apps.customers import told
from apps.customers.models import Customer, Identity, Match
from apps.customers.patterns import Kind
from apps.customers.wishes import asks_not_to_be_written_to

TALKS_IN_BRIEF = 5
HELPERS = 3
NOTES = 5
PAGE = 50
QUOTED = 2
SUBJECT_CHARACTERS = 120
IN_BRIEF = (Kind.ORDER, Kind.DEVICE, Kind.PLACE, Kind.EMAIL, Kind.PHONE)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation in a line: how it began and how long its first answer took."""

    conversation: Conversation
    subject: str
    first_response_seconds: float | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What a colleague who helped before leaves to whoever helps now: their words, oldest first.

    `promised` is what they promised and is still open, the next due first.
    """

    last_help: Line
    answers: list[Line]
    notes: list[Line]
    promised: list[Pledge]


@dataclass(frozen=True, slots=True)
class LastTime:
    """How the customer's last conversation that was resolved ended: the last thing said to them."""

    conversation: Conversation
    answer: Line


@dataclass(frozen=True, slots=True)
class Told:
    """Something the customer told us: what, where last, and how often."""

    kind: Kind
    value: str
    key: str
    line: Line
    times: int


@dataclass(frozen=True, slots=True)
class Brief:
    """Who this is in ten seconds. `usual_wait_seconds` is the median first response.

    `helpers` are the last words of each colleague who helped, newest first; `unwelcome` is where
    the customer asked not to be written to.
    """

    customer: Customer
    identities: list[Identity]
    conversations: int
    usual_wait_seconds: float | None
    talks: list[Talk]
    helpers: list[Line]
    last_time: LastTime | None
    told: list[Told]
    pinned: list[Line]
    notes: list[Line]
    unwelcome: Line | None
    pledges: list[Pledge]
    proposals: list[Match]

    @property
    def first_seen_at(self) -> datetime:
        """When the first of their identities wrote first."""
        homes = [identity.home or identity.customer for identity in self.identities]
        return min((home.first_seen_at for home in homes), default=self.customer.first_seen_at)

    @property
    def last_help(self) -> Line | None:
        """What a colleague said to them last."""
        return self.helpers[0] if self.helpers else None

    @property
    def name(self) -> str:
        """What a colleague chose to call them, else what they last called themselves."""
        newest = max(self.identities, key=lambda identity: identity.named_at, default=None)
        chosen = [i.home.name for i in self.identities if i.home and i.home.name]
        named = [self.customer.name, *chosen, newest.name if newest else ""]
        return next(filter(None, named), str(self.customer))


def brief(memory: Memory, *, besides: Conversation | None = None) -> Brief:
    """Say who a customer is from what is remembered of them; `besides` the conversation shown."""
    waits = [w.customer_seconds for w in memory.waits if w.customer_seconds is not None]
    others = [talk for talk in memory.talks if besides is None or talk.pk != besides.pk]
    pinned = {line.id for line in memory.pinned}
    return Brief(
        customer=memory.customer,
        identities=memory.identities,
        conversations=memory.count,
        usual_wait_seconds=median(waits) if waits else None,
        talks=_in_a_line(others[:TALKS_IN_BRIEF], memory),
        helpers=list(_last_of_each_helper(memory.lines))[:HELPERS],
        last_time=_last_time(others, memory.lines),
        told=told_by(memory.lines),
        pinned=memory.pinned,
        notes=[line for line in memory.lines if line.is_note and line.id not in pinned][:NOTES],
        unwelcome=next(
            (x for x in memory.lines if x.is_theirs and asks_not_to_be_written_to(x.text)), None
        ),
        pledges=memory.pledges,
        proposals=[m for m in memory.matches if m.state == Match.State.PROPOSED],
    )


def told_by(lines: Iterable[Line]) -> list[Told]:
    """Return what the customer told in these, newest first, each once with where it stands last."""
    found: dict[tuple[Kind, str], Told] = {}
    theirs = [line for line in lines if line.is_theirs]
    for line, facts in zip(theirs, told.facts_of([x.text for x in theirs]), strict=True):
        for fact in facts:
            if fact.kind not in IN_BRIEF:
                continue
            at = (fact.kind, fact.key)
            known = found.get(at) or Told(fact.kind, fact.value, fact.key, line, 0)
            found[at] = Told(known.kind, known.value, known.key, known.line, known.times + 1)
    return sorted(found.values(), key=lambda each: IN_BRIEF.index(each.kind))


def handover(conversation: Conversation, memory: Memory) -> Handover | None:
    """Tell whoever has it now what a colleague said and noted before; None where they did it.

    Everything is quoted from what is stored, as it was said.
    """
    last_help = next((line for line in memory.lines if line.is_help), None)
    if last_help is None or last_help.author_id == conversation.assignee_id:
        return None
    theirs = [line for line in memory.lines if line.author_id == last_help.author_id]
    answers = [line for line in theirs if line.is_help][:QUOTED]
    notes = [line for line in theirs if line.is_note][:QUOTED]
    promised = [
        made
        for made in memory.pledges
        if made.state == Pledge.State.OPEN and made.made_by_id == last_help.author_id
    ]
    return Handover(last_help, answers[::-1], notes[::-1], promised)


def talks_page(
    customer: Customer, *, user: User, before: int | None = None
) -> tuple[list[Talk], Conversation | None]:
    """Return a page of the customer's conversations, newest first, and where it goes on.

    `before` is the id of the conversation the page before ended with.
    """
    found = conversations_of(customer, user=user)
    if last := found.filter(id=before).first() if before else None:
        found = found.filter(
            Q(last_message_at__lt=last.last_message_at)
            | Q(last_message_at=last.last_message_at, id__lt=last.pk)
        )
    chosen = list(found.order_by("-last_message_at", "-id")[: PAGE + 1])
    return talks(chosen[:PAGE]), chosen[PAGE - 1] if len(chosen) > PAGE else None


def talks(conversations: Sequence[Conversation]) -> list[Talk]:
    """Put each conversation in a line, in the order given."""
    ids = [c.pk for c in conversations]
    subjects = dict(
        Message.objects.filter(conversation__in=ids, direction=Message.Direction.INBOUND)
        .order_by("conversation", "posted_at", "id")
        .distinct("conversation")
        .values_list("conversation_id", Left("text", SUBJECT_CHARACTERS))
    )
    waits = first_waits(ids)
    return [Talk(c, subjects.get(c.pk, ""), waits.get(c.pk)) for c in conversations]


def first_waits(conversation_ids: Sequence[int]) -> dict[int, float]:
    """Return how long each conversation's first answer took, in seconds."""
    return dict(
        Clock.objects.filter(
            conversation__in=conversation_ids,
            kind=Clock.Kind.FIRST_RESPONSE,
            stop=Clock.Stop.REPLY,
        )
        .order_by("conversation", "contact")
        .distinct("conversation")
        .values_list("conversation_id", "customer_seconds")
    )


def customers_readable_by(user: User) -> QuerySet[Customer]:
    """Return the customers with whom there is a conversation that `user` may read."""
    readable = Conversation.objects.visible_to(user).filter(identity__customer=OuterRef("id"))
    return Customer.objects.filter(Exists(readable))


def identities_readable_by(user: User) -> QuerySet[Identity]:
    """Return the identities with whom there is a conversation that `user` may read."""
    readable = Conversation.objects.visible_to(user).filter(identity=OuterRef("id"))
    return Identity.objects.filter(Exists(readable))


def _in_a_line(conversations: Sequence[Conversation], memory: Memory) -> list[Talk]:
    """The oldest words of the customer that are remembered of each; lines come newest first."""
    inbound = (x for x in memory.lines if x.direction == Message.Direction.INBOUND)
    subjects = {line.conversation_id: line.text[:SUBJECT_CHARACTERS] for line in inbound}
    waits = memory.first_waits()
    return [Talk(c, subjects.get(c.pk, ""), waits.get(c.pk)) for c in conversations]


def _last_of_each_helper(lines: Iterable[Line]) -> Iterator[Line]:
    seen: set[int | None] = set()
    for line in lines:
        if line.is_help and line.author_id not in seen:
            seen.add(line.author_id)
            yield line


def _last_time(others: Sequence[Conversation], lines: Sequence[Line]) -> LastTime | None:
    """What was said last before the last resolve is what helped, as far as anybody can tell."""
    for talk in others:
        if talk.state != Conversation.State.RESOLVED:
            continue
        for line in lines:
            if line.conversation_id == talk.pk and line.is_help:
                return LastTime(talk, line)
    return None
