"""Writing on Square and answering from the desk, as tests need it."""

from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Message
from apps.conversations.operations import replying
from apps.square import operations as square
from tests.people import Kim, ana, conversation_of


def asked_on_square(
    channel: Channel, text: str = "@acme it drops", *, handle: str = "kim"
) -> Message:
    person = square.join(handle=handle, name=handle.title(), at=timezone.now())
    post = square.post(author=person, text=text, at=timezone.now())
    kim = Kim(channel, author_id=person.external_id)
    return kim.writes(text, at=post.created_at, external_id=post.external_id)


def reply(message: Message, text: str = "Hi Kim, on it ^AB", *, by: User) -> Message:
    return replying.reply(
        conversation=conversation_of(message),
        text=text,
        by=by,
        session_key="s",
        at=timezone.now(),
    )


def without_undo() -> User:
    return ana(undo_seconds=0)
