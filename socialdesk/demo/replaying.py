"""Letting happenings happen at the desk one by one, through the operations themselves."""

from collections.abc import Callable, Sequence

from apps.conversations.models import Conversation, Message
from apps.conversations.operations import assigning, noting, resolving
from apps.conversations.operations.receiving import Arrival, receive
from socialdesk.demo.happenings import Choice, Decided, Happening, Said, Talk
from socialdesk.demo.square import as_told


def replay(happenings: Sequence[Happening]) -> None:
    """Receive what was said and take the decisions, each at its own instant."""
    for happening in happenings:
        if isinstance(happening, Said):
            arrival = Arrival(happening.account.channel, as_told(happening))
            receive([arrival], at=happening.heard_at)
        else:
            _DECIDE[happening.choice](happening, _conversation(happening.talk))


def _conversation(talk: Talk) -> Conversation:
    if talk.first is None or talk.first.post is None:
        raise ValueError("Nobody can decide about a talk in which nothing was said.")
    message = Message.objects.select_related("conversation").get(
        channel=talk.account.channel, external_id=talk.first.post.external_id
    )
    if message.conversation is None:
        raise ValueError("A customer's message is in a conversation.")
    return message.conversation


def _resolve(decided: Decided, conversation: Conversation) -> None:
    resolving.resolve(
        conversation=conversation, by=decided.by, at=decided.at, no_reply_needed=decided.text
    )


def _dismiss(decided: Decided, conversation: Conversation) -> None:
    resolving.dismiss(
        conversation=conversation, by=decided.by, at=decided.at, no_reply_needed=decided.text
    )


def _note(decided: Decided, conversation: Conversation) -> None:
    noting.note(conversation=conversation, text=decided.text, by=decided.by, at=decided.at)


def _assign(decided: Decided, conversation: Conversation) -> None:
    assigning.assign(conversation=conversation, to=decided.to, by=decided.by, at=decided.at)


_DECIDE: dict[Choice, Callable[[Decided, Conversation], None]] = {
    Choice.RESOLVE: _resolve,
    Choice.DISMISS: _dismiss,
    Choice.NOTE: _note,
    Choice.ASSIGN: _assign,
    Choice.RELEASE: _assign,
}
