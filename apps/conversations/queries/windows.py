"""Windows into a customer's life story: some messages of it at a time, from any place.

The story has one order: a customer's conversations by their last word, each conversation by what
was posted (what has not left yet comes last). Every window is read by an index, however long the
story is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.agents.models import User
from apps.channels.models import secrets_of
from apps.conversations.models import Conversation, Message
from apps.conversations.models.attachment import sent_pictures

MESSAGES = 60
LONGEST = 1000
CONVERSATIONS = 10
CONTEXT = 5
BEYOND = 2**62

_OLDER: LiteralString = """
    SELECT id FROM (
        SELECT said.id FROM unnest(%s::bigint[]) WITH ORDINALITY AS talk(id, place)
        CROSS JOIN LATERAL (
            (SELECT id, posted_at FROM conversations_message unsent
             WHERE unsent.conversation_id = talk.id AND posted_at IS NULL
               AND (talk.place > 1 OR %s)
               AND state NOT IN ('undone', 'discarded'))
            UNION ALL
            (SELECT id, posted_at FROM conversations_message message
             WHERE message.conversation_id = talk.id
               AND (posted_at, id) < (CASE WHEN talk.place = 1 THEN %s::timestamptz
                    ELSE 'infinity' END, CASE WHEN talk.place = 1 THEN %s ELSE 0 END)
               AND coalesce(state, '') NOT IN ('undone', 'discarded')
             ORDER BY posted_at DESC, id DESC LIMIT %s)
        ) said
        ORDER BY place, posted_at DESC NULLS FIRST, said.id DESC LIMIT %s
    ) chosen
"""

_NEWER: LiteralString = """
    SELECT id FROM (
        SELECT said.id FROM unnest(%s::bigint[]) WITH ORDINALITY AS talk(id, place)
        CROSS JOIN LATERAL (
            (SELECT id, posted_at FROM conversations_message message
             WHERE message.conversation_id = talk.id
               AND (posted_at, id) > (CASE WHEN talk.place = 1 THEN %s::timestamptz
                    ELSE '-infinity' END, CASE WHEN talk.place = 1 THEN %s ELSE 0 END)
               AND coalesce(state, '') NOT IN ('undone', 'discarded')
             ORDER BY posted_at, id LIMIT %s)
            UNION ALL
            (SELECT id, posted_at FROM conversations_message unsent
             WHERE unsent.conversation_id = talk.id AND posted_at IS NULL
               AND state NOT IN ('undone', 'discarded'))
        ) said
        ORDER BY place, posted_at NULLS LAST, said.id LIMIT %s
    ) chosen
"""

_CONTEXT: LiteralString = """
    SELECT id FROM (
        SELECT id FROM conversations_message WHERE thread_id = %s AND conversation_id IS NULL
        ORDER BY posted_at DESC LIMIT %s
    ) context
"""


@dataclass(frozen=True, slots=True)
class Window:
    """Some messages of a story in its order, and the conversations they are of.

    `starts` are the conversations whose first message is among them; `older` and `newer` say
    whether the story goes on before and after. `context` is what our side said in the open
    conversation's thread before any customer.
    """

    conversations: dict[int, Conversation]
    messages: list[Message]
    context: list[Message]
    starts: frozenset[int]
    older: bool
    newer: bool


def of_customer(conversation: Conversation, *, user: User) -> QuerySet[Conversation]:
    """Return this conversation and all others of its customer that `user` may read."""
    return (
        Conversation.objects.visible_to(user)
        .filter(identity__customer=conversation.identity.customer_id, merged_into__isnull=True)
        .select_related("channel", "identity")
        .defer(*secrets_of("channel"))
    )


def last_window(
    conversation: Conversation, *, user: User, known: Sequence[Conversation] = ()
) -> Window:
    """Return the newest messages, going on into earlier conversations where there is room.

    `known` are all of the customer's conversations in the story's order, newest first, or more of
    them than a window holds, where they were read already.
    """
    places = [talk.pk for talk in known]
    here = places.index(conversation.pk) if conversation.pk in places else None
    talks = None if here is None else known[here : here + CONVERSATIONS + 1]
    return _before(conversation, None, MESSAGES, user=user, talks=talks)


def window_from(conversation: Conversation, message_id: int, *, user: User) -> Window:
    """Return this conversation from one of its messages on, as a page that shows it goes on."""
    first = conversation.messages.filter(id=message_id).first()
    if first is None:
        return last_window(conversation, user=user)
    return _around(conversation, first, before=0, after=LONGEST, user=user)


def window_before(conversation: Conversation, message: Message, *, user: User) -> Window:
    """Return the messages before one of the story."""
    return _before(conversation, message, MESSAGES, user=user)


def window_after(conversation: Conversation, message: Message, *, user: User) -> Window:
    """Return the messages after one of the story."""
    return _after(conversation, message, MESSAGES, user=user)


def window_around(conversation: Conversation, message: Message, *, user: User) -> Window:
    """Return a message of the story between what was said before and after it."""
    return _around(conversation, message, before=MESSAGES // 2, after=MESSAGES // 2, user=user)


def _around(
    conversation: Conversation, message: Message, *, before: int, after: int, user: User
) -> Window:
    older = _before(conversation, message, before, user=user)
    newer = _after(conversation, message, after, user=user)
    return Window(
        conversations=older.conversations | newer.conversations,
        messages=[*older.messages, message, *newer.messages],
        context=older.context,
        starts=older.starts | newer.starts,
        older=older.older,
        newer=newer.newer,
    )


def _before(
    conversation: Conversation,
    message: Message | None,
    limit: int,
    *,
    user: User,
    talks: Sequence[Conversation] | None = None,
) -> Window:
    """Read backwards: from the end, or from a message of the story."""
    last = conversation if message is None else talk_of(message)
    if talks is None:
        found = of_customer(conversation, user=user).filter(
            Q(last_message_at__lt=last.last_message_at)
            | Q(last_message_at=last.last_message_at, id__lte=last.pk)
        )
        talks = list(found.order_by("-last_message_at", "-id")[: CONVERSATIONS + 1])
    ids = [talk.pk for talk in talks[:CONVERSATIONS]]
    at, pk = (message.posted_at, message.pk) if message else (None, BEYOND)
    statement = f"{_OLDER} UNION ALL {_CONTEXT}"
    until = [message is None, at or "infinity", pk, limit + 1, limit + 1]
    stored = _messages(statement, [ids, *until, conversation.thread_id, CONTEXT])
    said = _ordered([m for m in stored if m.conversation_id], ids[::-1])
    cut = max(0, len(said) - limit)
    dropped, kept = said[:cut], said[cut:]
    whole = {last.pk, *(m.conversation_id for m in kept)} - {m.conversation_id for m in dropped}
    return Window(
        conversations={talk.pk: talk for talk in talks},
        messages=kept,
        context=[m for m in stored if m.conversation_id is None],
        starts=frozenset(i for i in whole if i),
        older=bool(dropped) or len(talks) > CONVERSATIONS,
        newer=message is not None,
    )


def _after(conversation: Conversation, message: Message, limit: int, *, user: User) -> Window:
    """Read forwards from a message of the story, no further than the open conversation."""
    first = talk_of(message)
    found = (
        of_customer(conversation, user=user)
        .filter(
            Q(last_message_at__gt=first.last_message_at)
            | Q(last_message_at=first.last_message_at, id__gte=first.pk)
        )
        .filter(
            Q(last_message_at__lt=conversation.last_message_at)
            | Q(last_message_at=conversation.last_message_at, id__lte=conversation.pk)
        )
    )
    talks = list(found.order_by("last_message_at", "id")[: CONVERSATIONS + 1])
    ids = [talk.pk for talk in talks[:CONVERSATIONS]]
    since = [message.posted_at or "infinity", message.pk, limit + 1, limit + 1]
    said = _ordered(_messages(_NEWER, [ids, *since]), ids)
    kept = said[:limit]
    begun = {m.conversation_id for m in kept} - {first.pk}
    return Window(
        conversations={talk.pk: talk for talk in talks},
        messages=kept,
        context=[],
        starts=frozenset(i for i in begun if i),
        older=True,
        newer=len(said) > limit or len(talks) > CONVERSATIONS,
    )


def talk_of(message: Message) -> Conversation:
    """Return the conversation a message of a story is in."""
    if message.conversation is None:
        raise ValueError("A message in no conversation is no place in a story.")
    return message.conversation


def _messages(statement: str, parameters: Sequence[object]) -> list[Message]:
    found = Message.objects.filter(id__in=RawSQL(statement, parameters))  # noqa: S611
    told = (
        found.select_related("author", "identity", "channel")
        .defer(*secrets_of("channel"))
        .annotate(pictures=sent_pictures())
    )
    return [*told]


def _ordered(messages: Sequence[Message], conversation_ids: Sequence[int]) -> list[Message]:
    """What has not left yet comes after all that was posted, as the index has it."""
    places = {conversation_id: place for place, conversation_id in enumerate(conversation_ids)}
    return sorted(
        messages,
        key=lambda m: (places[m.conversation_id or 0], m.posted_at is None, m.said_at, m.pk),
    )
