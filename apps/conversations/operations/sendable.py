"""Whether a text can go out as it is, in answer to what, and after what was read."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, QuerySet

from apps.agents.models import User
from apps.channels.connector import Answered
from apps.common.errors import Conflict, DeskError
from apps.common.text import storable
from apps.conversations.models import Conversation, Message
from apps.conversations.splitting import MOST_PARTS

LONGEST_REPLY = 100_000  # where the network has no limit of its own


class Meanwhile(Conflict):
    """Something was said that the author had not seen; `message` is the newest of it."""

    def __init__(self, sentence: str, message: Message) -> None:
        super().__init__(sentence)
        self.message = message


def answered_first(conversation: Conversation) -> QuerySet[Message]:
    """Return the customer's messages, first the one that a reply answers.

    That is the newest which is not deleted there, else the newest.
    """
    theirs = conversation.messages.filter(direction=Message.Direction.INBOUND)
    return theirs.order_by(F("deleted_at").asc(nulls_first=True), "-posted_at", "-id")


def obstacle(conversation: Conversation, newest: Message | None, *, at: datetime) -> str:
    """Say in a sentence why a message can't be answered; empty where it can."""
    if newest is None or newest.posted_at is None:
        return "There is no message to answer."
    answered = Answered(
        surface=newest.surface,
        posted_at=newest.posted_at,
        is_deleted=newest.deleted_at is not None,
    )
    return conversation.channel.connector.no_reply_because(answered, at=at)


def answered_message(conversation: Conversation, *, at: datetime) -> Message:
    """Return what a reply answers; DeskError says why where nothing can be answered."""
    newest = answered_first(conversation).first()
    why_not = obstacle(conversation, newest, at=at)
    if newest is None or why_not:
        raise DeskError(f"{conversation.channel} can't be answered here. {why_not}")
    return newest


def refuse_unread(conversation: Conversation, seen_message_id: int, *, by: User) -> None:
    """Raise Meanwhile where somebody else said something after that message.

    By our own ids: what matters is what had arrived when the author looked.
    """
    unread = (
        conversation.messages.filter(id__gt=seen_message_id)
        .exclude(direction=Message.Direction.NOTE)
        .exclude(state__in=[Message.State.UNDONE, Message.State.DISCARDED])
        .exclude(direction=Message.Direction.OUTBOUND, author=by)
        .select_related("author")
    )
    newest = unread.order_by("-id").first()
    if newest is None:
        return
    if newest.direction == Message.Direction.INBOUND:
        sentence = f"{conversation.identity.name} wrote again since you looked."
    else:
        sentence = f"{newest.author or conversation.channel.handle} answered since you looked."
    raise Meanwhile(f"{sentence} Read it, then send.", newest)


def refuse_unsendable(conversation: Conversation, parts: Sequence[str]) -> None:
    """Raise DeskError, which says what to do, where a part is empty, too long or not storable."""
    if len(parts) > MOST_PARTS:
        raise DeskError(f"The reply has {len(parts)} parts; send at most {MOST_PARTS}.")
    for number, part in enumerate(parts, 1):
        what = "The reply" if len(parts) == 1 else f"Part {number} of the reply"
        _refuse_part(conversation, part, what)


def _refuse_part(conversation: Conversation, text: str, what: str) -> None:
    connector = conversation.channel.connector
    if not text.strip():
        raise DeskError(f"{what} is empty. Write something first.")
    if storable(text) != text:
        raise DeskError(f"{what} holds a character that cannot be sent. Remove it and try again.")
    limit = LONGEST_REPLY if connector.text_limit is None else connector.text_limit
    length = connector.measure(text)
    if length > limit:
        raise DeskError(
            f"{what} has {length:,} characters; {connector.label} takes {limit:,}."
            f" Shorten it by {length - limit:,}, or split it into parts."
        )
