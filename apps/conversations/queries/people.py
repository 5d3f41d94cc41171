"""Who a customer is to this desk: what the brief and the customer's page say."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Aggregate, Exists, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from apps.agents.models import User
from apps.conversations.models import Clock, Conversation, Message
from apps.customers.models import Customer, Identity

TALKS_IN_BRIEF = 5
PAGE = 50
QUOTED = 2
SUBJECT_CHARACTERS = 120


class Median(Aggregate):
    """The middle value, interpolated; null of nothing."""

    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation in a line: how it began and how long its first answer took."""

    conversation: Conversation
    subject: str
    first_response_seconds: float | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What a colleague who helped before leaves to whoever helps now: their words, oldest first."""

    last_help: Message
    answers: list[Message]
    notes: list[Message]


@dataclass(frozen=True, slots=True)
class Brief:
    """Who this is in ten seconds. `usual_wait_seconds` is the median first response."""

    customer: Customer
    identities: list[Identity]
    conversations: int
    usual_wait_seconds: float | None
    talks: list[Talk]
    last_help: Message | None

    @property
    def name(self) -> str:
        """What a colleague chose to call them, else what they last called themselves."""
        newest = max(self.identities, key=lambda identity: identity.named_at, default=None)
        return self.customer.name or (newest.name if newest else str(self.customer))


def brief(customer: Customer, *, user: User, besides: Conversation | None = None) -> Brief:
    """Say who a customer is, from what `user` may read; `besides` the conversation shown."""
    conversations = conversations_of(customer, user=user)
    count = conversations.count()
    waits = Clock.objects.filter(
        conversation__in=conversations,
        kind=Clock.Kind.FIRST_RESPONSE,
        stop=Clock.Stop.REPLY,
    ).aggregate(usual=Median("customer_seconds"))
    others = conversations.exclude(id=besides.pk) if besides else conversations
    return Brief(
        customer=customer,
        identities=list(customer.identities.order_by("network", "id")),
        conversations=count,
        usual_wait_seconds=waits["usual"],
        talks=talks(list(others.order_by("-last_message_at", "-id")[:TALKS_IN_BRIEF])),
        last_help=_last_help(conversations),
    )


def handover(
    conversation: Conversation, last_help: Message | None, *, user: User
) -> Handover | None:
    """Tell whoever has it now what a colleague said and noted before; None where they did it.

    Everything is quoted from what is stored, as it was said.
    """
    if last_help is None or last_help.author_id in {None, conversation.assignee_id}:
        return None
    said = (
        Message.objects.filter(
            conversation__in=conversations_of(conversation.identity.customer, user=user),
            author=last_help.author_id,
        )
        .filter(Q(direction=Message.Direction.NOTE) | Q(state=Message.State.SENT))
        .select_related("author")
        .order_by("-posted_at", "-id")
    )
    answers = said.filter(direction=Message.Direction.OUTBOUND)[:QUOTED]
    notes = said.filter(direction=Message.Direction.NOTE)[:QUOTED]
    return Handover(last_help, list(answers)[::-1], list(notes)[::-1])


def conversations_of(customer: Customer, *, user: User) -> QuerySet[Conversation]:
    """Return all of a customer's conversations that `user` may read."""
    return (
        Conversation.objects.visible_to(user)
        .filter(identity__customer=customer, merged_into__isnull=True)
        .select_related("channel", "identity", "assignee")
    )


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
    waits = dict(
        Clock.objects.filter(
            conversation__in=ids, kind=Clock.Kind.FIRST_RESPONSE, stop=Clock.Stop.REPLY
        )
        .order_by("conversation", "contact")
        .distinct("conversation")
        .values_list("conversation_id", "customer_seconds")
    )
    return [Talk(c, subjects.get(c.pk, ""), waits.get(c.pk)) for c in conversations]


def customers_readable_by(user: User) -> QuerySet[Customer]:
    """Return the customers with whom there is a conversation that `user` may read."""
    readable = Conversation.objects.visible_to(user).filter(identity__customer=OuterRef("id"))
    return Customer.objects.filter(Exists(readable))


def _last_help(conversations: QuerySet[Conversation]) -> Message | None:
    return (
        Message.objects.filter(
            conversation__in=conversations.values("id"),
            direction=Message.Direction.OUTBOUND,
            state=Message.State.SENT,
            author__isnull=False,
        )
        .select_related("author")
        .order_by("-posted_at", "-id")
        .first()
    )
