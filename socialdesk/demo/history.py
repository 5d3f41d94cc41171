"""Writing a long history at once: the rows that `replaying` would leave, in few statements.

Ninety days through the operations take minutes. A test plays the same happenings both ways and
compares every row.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from apps.agents.models import User
from apps.channels.connector import InboundMessage
from apps.conversations import clocks, timelines
from apps.conversations.models import Conversation, Message, Thread
from apps.conversations.operations.assigning import clear
from apps.customers.models import Customer, Identity
from apps.ledger.models import Event
from socialdesk.demo.happenings import Account, Choice, Decided, Happening, Said, Talk
from socialdesk.demo.square import as_told

KINDS = {
    Choice.RESOLVE: timelines.RESOLVED,
    Choice.DISMISS: timelines.DISMISSED,
    Choice.NOTE: "noted",
    Choice.ASSIGN: "assigned",
    Choice.RELEASE: "unassigned",
}


def write(happenings: Sequence[Happening]) -> None:
    """Store everything that was said and decided; earliest first."""
    rows = _Rows()
    for happening in happenings:
        if isinstance(happening, Said):
            rows.add_said(happening)
        else:
            rows.add_decided(happening)
    rows.store()
    clocks.rerun([conversation.pk for conversation in rows.conversations.values()])
    # The planner has never seen these tables full.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class _Rows:
    """Rows in the order in which the operations would have written them."""

    def __init__(self) -> None:
        self.conversations: dict[Talk, Conversation] = {}
        self._identities: dict[str, Identity] = {}
        self._threads: dict[Said, Thread] = {}
        self._messages: list[Message] = []
        self._events: list[tuple[Event, Conversation | None, Message | None]] = []

    def store(self) -> None:
        """Insert them all; events get to know the ids of what they speak of."""
        Customer.objects.bulk_create([i.customer for i in self._identities.values()])
        Identity.objects.bulk_create(self._identities.values())
        Thread.objects.bulk_create(self._threads.values())
        Conversation.objects.bulk_create(self.conversations.values())
        Message.objects.bulk_create(self._messages)
        for event, conversation, message in self._events:
            event.conversation_id = None if conversation is None else conversation.pk
            event.message_id = None if message is None else message.pk
        Event.objects.bulk_create(event for event, _, _ in self._events)

    def add_said(self, said: Said) -> None:
        told = as_told(said)
        conversation = None if said.talk is None else self._hear(said, said.talk, told)
        message = self._message(said, told, conversation)
        self._messages.append(message)
        data = {"opened": True} if said.opened else {}
        self._event("received", said.heard_at, conversation, message=message, data=data)

    def add_decided(self, decided: Decided) -> None:
        conversation = self.conversations[decided.talk]
        message, user = None, None
        data: dict[str, object] = {}
        match decided.choice:
            case Choice.RESOLVE | Choice.DISMISS:
                data = {"reason": decided.text} if decided.text else {}
                if decided.choice is Choice.RESOLVE:
                    conversation.state = Conversation.State.RESOLVED
            case Choice.NOTE:
                message = _note(decided, conversation)
                self._messages.append(message)
            case Choice.ASSIGN:
                user = decided.to
                because = f"{decided.by.first_name} assigned it.{decided.over}"
                _give(conversation, user, decided.at, because, by_person=True)
                data = {"because": because} | ({"over_capacity": True} if decided.over else {})
            case Choice.RELEASE:
                user = conversation.assignee
                clear(conversation)
                conversation.returned_from = user
        self._event(
            KINDS[decided.choice],
            decided.at,
            conversation,
            by=decided.by,
            user=user,
            message=message,
            data=data,
        )

    def _hear(self, said: Said, talk: Talk, told: InboundMessage) -> Conversation:
        """A customer's message opens or wakes its conversation, and may be given to somebody."""
        if said.opened:
            self.conversations[talk] = Conversation(
                channel=talk.account.channel,
                thread=self._thread(said),
                identity=self._identity(told, talk.account),
                last_message_at=said.at,
            )
        conversation = self.conversations[talk]
        if said.reopened:
            conversation.state = Conversation.State.OPEN
            if said.kept_by is None:
                clear(conversation)
            self._event("reopened", said.heard_at, conversation, user=said.kept_by)
        if said.given is not None:
            because = said.given.because
            _give(conversation, said.given.to, said.heard_at, because, by_person=False)
            self._event(
                "assigned",
                said.heard_at,
                conversation,
                user=said.given.to,
                data={"because": because},
            )
        return conversation

    def _message(
        self, said: Said, told: InboundMessage, conversation: Conversation | None
    ) -> Message:
        return Message(
            channel=said.account.channel,
            thread=self._thread(said),
            conversation=conversation,
            direction=Message.Direction.OUTBOUND if told.ours else Message.Direction.INBOUND,
            origin=Message.Origin.NETWORK,
            surface=told.surface,
            external_id=told.external_id,
            parent_id_there=told.parent_id,
            identity=None if told.ours else self._identity(told, said.account),
            author=said.by,
            text=told.text,
            url=told.url,
            language=told.language,
            posted_at=told.posted_at,
            received_at=said.heard_at,
            state=Message.State.SENT if told.ours else None,
        )

    def _thread(self, said: Said) -> Thread:
        first = said
        while first.parent is not None:
            first = first.parent
        if first not in self._threads:
            key = as_told(first).external_id
            self._threads[first] = Thread(channel=said.account.channel, thread_key=key)
        return self._threads[first]

    def _identity(self, told: InboundMessage, account: Account) -> Identity:
        if told.author_id not in self._identities:
            self._identities[told.author_id] = Identity(
                customer=Customer(first_seen_at=told.posted_at),
                network=account.channel.network,
                external_id=told.author_id,
                handle=told.author_handle,
                name=told.author_name,
                named_at=told.posted_at,
            )
        identity = self._identities[told.author_id]
        identity.named_at = max(identity.named_at, told.posted_at)
        return identity

    def _event(
        self,
        kind: str,
        at: datetime,
        conversation: Conversation | None,
        *,
        by: User | None = None,
        user: User | None = None,
        message: Message | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        about = conversation or message
        event = Event(
            at=at,
            kind=kind,
            by_id=None if by is None else by.pk,
            user_id=None if user is None else user.pk,
            channel_id=None if about is None else about.channel_id,
            data=dict(data or {}),
        )
        self._events.append((event, conversation, message))


def _give(
    conversation: Conversation, to: User | None, at: datetime, because: str, *, by_person: bool
) -> None:
    conversation.assignee, conversation.assigned_at = to, at
    conversation.assigned_because, conversation.assigned_by_person = because, by_person
    conversation.returned_from = None


def _note(decided: Decided, conversation: Conversation) -> Message:
    return Message(
        channel=conversation.channel,
        thread=conversation.thread,
        conversation=conversation,
        direction=Message.Direction.NOTE,
        origin=Message.Origin.DESK,
        author=decided.by,
        text=decided.text,
        posted_at=decided.at,
        received_at=decided.at,
    )
