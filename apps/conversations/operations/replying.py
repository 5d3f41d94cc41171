"""A person answers a person. Nothing else in the desk writes an Act."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from apps.agents.models import User
from apps.common.doorbell import ring_after_commit
from apps.common.errors import Conflict, DeskError
from apps.common.text import storable
from apps.conversations.models import Act, ActPart, Conversation, Draft, Message
from apps.conversations.operations import assigning
from apps.conversations.operations.locking import locked
from apps.ledger.recording import Entry, record

SEND_TASK = "conversations.send"
LONGEST_NOTE = 20_000


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
) -> Message:
    """Decide that `text`, exactly as it is, goes to the customer: an Act and a queued message.

    It leaves once the author's undo time is over. `once` is the form's own token: a form sent
    twice (a double click, a browser that repeats) is one decision, and the first message is
    returned. Raises Conflict when the customer wrote after the newest message the author saw,
    DeskError when the text cannot go out as it is.
    """
    if not session_key:
        raise DeskError("It is not known in which session you decide. Sign in again, then send.")
    present = locked(conversation, by=by)
    if once and (decided := Message.objects.filter(act__once=once, author=by).first()):
        return decided
    _refuse_where_nothing_is_sent(present)
    newest = _newest_from_customer(present)
    _refuse_unsendable(present, text)
    if seen_message_id is not None and present.wrote_since(seen_message_id):
        raise Conflict(f"{present.identity.name} wrote again since you looked. Read it, then send.")
    act = Act.objects.create(
        user=by, session_hash=sha256(session_key.encode()).hexdigest(), at=at, once=once or None
    )
    ActPart.objects.create(act=act, part=1, text_sha256=sha256(text.encode()).hexdigest())
    message = Message.objects.create(
        channel=present.channel,
        thread_id=present.thread_id,
        conversation=present,
        direction=Message.Direction.OUTBOUND,
        origin=Message.Origin.DESK,
        surface=newest.surface,
        parent_id_there=newest.external_id,
        author=by,
        text=text,
        received_at=at,
        act=act,
        act_part=1,
        state=Message.State.QUEUED,
        not_before=at + timedelta(seconds=_undo_seconds(by)),
    )
    if present.assignee_id is None:
        assigning.take(conversation=present, by=by, at=at)
    Draft.objects.filter(user=by, conversation=present).delete()
    _record("replied", message, by=by, at=at)
    ring_after_commit(SEND_TASK)
    return message


@transaction.atomic
def undo(*, message: Message, by: User, at: datetime) -> Draft:
    """Take a reply back while it is still queued; its text becomes the author's draft again."""
    queued = _own(message, by=by)
    if queued.state != Message.State.QUEUED:
        raise Conflict("Too late to take this back: it is on its way or already there.")
    _settle(queued, Message.State.UNDONE)
    Act.objects.filter(messages=queued).update(voided_at=at)
    _record("undone", queued, by=by, at=at)
    return _keep_text(queued, by=by, at=at)


@transaction.atomic
def send_now(*, message: Message, by: User, at: datetime) -> None:
    """End the undo time early."""
    queued = _own(message, by=by)
    if queued.state == Message.State.QUEUED and queued.not_before and queued.not_before > at:
        queued.not_before = at
        queued.save(update_fields=["not_before"])
        ring_after_commit(SEND_TASK)


@transaction.atomic
def discard(*, message: Message, by: User, at: datetime) -> Draft:
    """Give up a reply that the network refused or that needs its author; the text is kept."""
    stuck = _own(message, by=by)
    if stuck.state not in {Message.State.NEEDS_AUTHOR, Message.State.REFUSED}:
        raise Conflict("This reply is not waiting for you: it was sent or is on its way.")
    _settle(stuck, Message.State.DISCARDED)
    _record("discarded", stuck, by=by, at=at)
    ring_after_commit(SEND_TASK)
    return _keep_text(stuck, by=by, at=at)


@transaction.atomic
def note(*, conversation: Conversation, text: str, by: User, at: datetime) -> Message:
    """Write something for colleagues only; it never leaves the desk and stops no clock."""
    present = locked(conversation, by=by)
    if not text.strip():
        raise DeskError("The note is empty. Write something first.")
    if len(text) > LONGEST_NOTE:
        raise DeskError(
            f"The note has {len(text):,} characters; the desk keeps up to {LONGEST_NOTE:,}."
            " Shorten it, or link to where it stands."
        )
    message = Message.objects.create(
        channel=present.channel,
        thread_id=present.thread_id,
        conversation=present,
        direction=Message.Direction.NOTE,
        origin=Message.Origin.DESK,
        author=by,
        text=storable(text),
        posted_at=at,
        received_at=at,
    )
    _record("noted", message, by=by, at=at)
    return message


@transaction.atomic
def save_draft(*, conversation: Conversation, text: str, by: User, at: datetime) -> None:
    """Keep what this person has written so far; an empty text forgets it."""
    where = conversation.merged_into_id or conversation.pk
    if text.strip():
        Draft.objects.update_or_create(
            user=by,
            conversation_id=where,
            defaults={"text": storable(text), "updated_at": at},
        )
    else:
        Draft.objects.filter(user=by, conversation=where).delete()


def _refuse_where_nothing_is_sent(conversation: Conversation) -> None:
    channel = conversation.channel
    if channel.connector.receives_only:
        raise DeskError(
            f"Nobody can be answered on {channel}: it holds what was said long ago."
            " Answer the customer where they write today."
        )


def _newest_from_customer(conversation: Conversation) -> Message:
    newest = (
        conversation.messages.filter(direction=Message.Direction.INBOUND)
        .order_by("-posted_at", "-id")
        .first()
    )
    if newest is None:
        raise DeskError("There is no message to answer in this conversation.")
    return newest


def _refuse_unsendable(conversation: Conversation, text: str) -> None:
    connector = conversation.channel.connector
    if not text.strip():
        raise DeskError("The reply is empty. Write something first.")
    if storable(text) != text:
        raise DeskError("The reply holds a character that cannot be sent. Remove it and try again.")
    length = connector.measure(text)
    if length > connector.text_limit:
        raise DeskError(
            f"The reply has {length} characters; {connector.label} takes {connector.text_limit}."
            f" Shorten it by {length - connector.text_limit}."
        )


def _undo_seconds(user: User) -> int:
    return settings.UNDO_SECONDS if user.undo_seconds is None else user.undo_seconds


def _own(message: Message, *, by: User) -> Message:
    """The author's own message, locked behind its conversation."""
    if message.author_id != by.pk or message.conversation is None:
        raise DeskError("Only the person who wrote this reply can decide about it.")
    locked(message.conversation, by=by)
    return Message.objects.select_for_update(no_key=True).get(id=message.pk)


def _settle(message: Message, state: Message.State) -> None:
    message.state = state
    message.save(update_fields=["state"])


def _keep_text(message: Message, *, by: User, at: datetime) -> Draft:
    """Nothing written is lost: the text goes before whatever the author began meanwhile."""
    draft, created = Draft.objects.get_or_create(
        user=by,
        conversation=message.conversation,
        defaults={"text": message.text, "updated_at": at},
    )
    if not created:
        draft.text = f"{message.text}\n\n{draft.text}"
        draft.updated_at = at
        draft.save(update_fields=["text", "updated_at"])
    return draft


def _record(kind: str, message: Message, *, by: User, at: datetime) -> None:
    entry = Entry(
        kind=kind,
        by_id=by.pk,
        conversation_id=message.conversation_id,
        message_id=message.pk,
        channel_id=message.channel_id,
        team_id=message.channel.team_id,
    )
    record([entry], at=at)
