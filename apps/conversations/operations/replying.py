"""A person answers a person. Nothing else in the desk writes an Act."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from apps.agents.models import User
from apps.common.doorbell import ring_after_commit
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Act, ActPart, Attachment, Conversation, Draft, Message
from apps.conversations.operations import assigning, attaching
from apps.conversations.operations.entries import of_message
from apps.conversations.operations.locking import locked
from apps.conversations.operations.sendable import (
    answered_message,
    refuse_unread,
    refuse_unsendable,
)
from apps.conversations.operations.snippets import count_uses
from apps.conversations.splitting import joined, parts_of
from apps.ledger.recording import record

SEND_TASK = "conversations.send"


@transaction.atomic
def reply(
    *,
    conversation: Conversation,
    text: str,
    by: User,
    session_key: str,
    at: datetime,
    seen_message_id: int | None = None,
    once: str | None = None,
    alts: Mapping[int, str] | None = None,
) -> Message:
    """Decide that `text`, exactly as it is, goes to the customer: an Act and its queued messages.

    A text cut into parts (`apps.conversations.splitting`) becomes as many messages, sent in their
    order, each under the one before it; the first is returned. The draft's pictures go with that
    one, described by `alts` where these say more than was kept. All leave once the author's undo
    time is over. `once` is the form's own token: a form sent twice (a double click, a browser that
    repeats) is one decision. Raises Conflict when the customer wrote, or a colleague answered,
    after the newest message the author saw, DeskError when the text cannot go out as it is.
    """
    if not session_key:
        raise DeskError("It is not known in which session you decide. Sign in again, then send.")
    present = locked(conversation, by=by)
    decided = Message.objects.filter(act__once=once, author=by).order_by("act_part")
    if once and (first := decided.first()):
        return first
    newest = answered_message(present, at=at)
    parts = parts_of(text)
    refuse_unsendable(present, parts)
    pictures = attaching.ready(present, by, alts or {})
    if seen_message_id is not None:
        refuse_unread(present, seen_message_id, by=by)
    act = Act.objects.create(
        user=by, session_hash=sha256(session_key.encode()).hexdigest(), at=at, once=once or None
    )
    queued = [
        _queued_part(present, act, number, part, newest, pictures if number == 1 else [], at=at)
        for number, part in enumerate(parts, 1)
    ]
    if present.assignee_id is None:
        assigning.take(conversation=present, by=by, at=at)
    Draft.objects.filter(user=by, conversation=present).delete()
    count_uses(text=text, team=present.channel.team, at=at)
    for message in queued:
        record([of_message("replied", message, by_id=by.pk)], at=at)
    ring_after_commit(SEND_TASK)
    return queued[0]


@transaction.atomic
def undo(*, message: Message, by: User, at: datetime) -> Draft:
    """Take a reply back while all of it is queued; its text becomes the author's draft again."""
    queued = _own_parts(message, by=by)
    if any(part.state != Message.State.QUEUED for part in queued):
        raise Conflict("Too late to take this back: it is on its way or already there.")
    for part in queued:
        _settle(part, Message.State.UNDONE)
        record([of_message("undone", part, by_id=by.pk)], at=at)
    Act.objects.filter(messages=queued[0]).update(voided_at=at)
    return _keep_text(queued, by=by, at=at)


@transaction.atomic
def send_now(*, message: Message, by: User, at: datetime) -> None:
    """End the undo time early."""
    for part in _own_parts(message, by=by):
        if part.state == Message.State.QUEUED and part.not_before and part.not_before > at:
            part.not_before = at
            part.save(update_fields=["not_before"])
    ring_after_commit(SEND_TASK)


@transaction.atomic
def discard(*, message: Message, by: User, at: datetime) -> Draft:
    """Give up a reply that the network refused or that needs its author; the text is kept.

    Parts that would have followed it come back with it.
    """
    parts = _own_parts(message, by=by)
    [stuck] = [part for part in parts if part.pk == message.pk]
    if stuck.state not in {Message.State.NEEDS_AUTHOR, Message.State.REFUSED}:
        raise Conflict("This reply is not waiting for you: it was sent or is on its way.")
    given_up = [stuck, *(part for part in parts if part.pk > stuck.pk and _is_waiting(part))]
    for part in given_up:
        _settle(part, Message.State.DISCARDED)
        record([of_message("discarded", part, by_id=by.pk)], at=at)
    ring_after_commit(SEND_TASK)
    return _keep_text(given_up, by=by, at=at)


def _queued_part(
    conversation: Conversation,
    act: Act,
    number: int,
    text: str,
    answered: Message,
    pictures: Sequence[Attachment],
    *,
    at: datetime,
) -> Message:
    ActPart.objects.create(
        act=act,
        part=number,
        text_sha256=sha256(text.encode()).hexdigest(),
        attachment_sha256s=[picture.sha256 for picture in pictures],
    )
    message = Message.objects.create(
        channel=conversation.channel,
        thread_id=conversation.thread_id,
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        origin=Message.Origin.DESK,
        surface=answered.surface,
        parent_id_there=answered.external_id,
        author=act.user,
        text=text,
        received_at=at,
        act=act,
        act_part=number,
        state=Message.State.QUEUED,
        not_before=at + timedelta(seconds=_undo_seconds(act.user)),
    )
    attaching.send_with(message, pictures)
    return message


def _undo_seconds(user: User) -> int:
    return settings.UNDO_SECONDS if user.undo_seconds is None else user.undo_seconds


def _own_parts(message: Message, *, by: User) -> list[Message]:
    """The author's own reply with all of its parts in order, locked behind its conversation."""
    if message.author_id != by.pk or message.conversation is None or message.act_id is None:
        raise DeskError("Only the person who wrote this reply can decide about it.")
    locked(message.conversation, by=by)
    parts = Message.objects.select_for_update(no_key=True).filter(act=message.act_id)
    return list(parts.order_by("act_part"))


def _is_waiting(part: Message) -> bool:
    return part.state in {Message.State.QUEUED, Message.State.RETRY}


def _settle(message: Message, state: Message.State) -> None:
    message.state = state
    message.save(update_fields=["state"])


def _keep_text(parts: Sequence[Message], *, by: User, at: datetime) -> Draft:
    """Nothing written is lost: the text goes before whatever the author began meanwhile."""
    text = joined([part.text for part in parts])
    attaching.keep(parts, by=by, at=at)
    draft, created = Draft.objects.get_or_create(
        user=by,
        conversation=parts[0].conversation,
        defaults={"text": text, "updated_at": at},
    )
    if not created:
        draft.text = f"{text}\n\n{draft.text}"
        draft.updated_at = at
        draft.save(update_fields=["text", "updated_at"])
    return draft
