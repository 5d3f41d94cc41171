"""Saying something: replies, from Send until they leave, and notes."""

import re
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.console.forms import NoteForm, PinForm, ReplyForm, TextForm, parsed
from apps.console.views.access import SignedIn, readable_conversation, signed_in
from apps.console.views.answering import Decision, decided, decided_about, followed, reply_refused
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import drafting, noting, pinning, replying

ALT = re.compile(r"alt-[0-9]{1,18}")


@signed_in
@require_POST
def reply(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Send a reply; on a refusal the text stays where it was written."""
    conversation = readable_conversation(request, conversation_id)
    sent = parsed(ReplyForm(request.POST))
    now = timezone.now()
    try:
        replying.reply(
            conversation=conversation,
            text=sent["text"],
            by=request.user,
            session_key=request.session.session_key or "",
            at=now,
            seen_message_id=sent["seen"],
            once=sent["once"],
            alts=_alts(request),
        )
    except DeskError as error:
        return reply_refused(request, conversation, sent["text"], error)
    return followed(request, conversation, composer="empty", event="desk:sent")


@signed_in
@require_POST
def note(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Keep a note for colleagues."""
    sent = parsed(NoteForm(request.POST))
    decision = partial(_note, text=sent["text"], is_pinned=sent["pin"])
    return decided(request, conversation_id, decision, composer="kept", event="desk:noted")


@signed_in
@require_POST
def split(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Cut a draft into numbered parts, for its author to read and change before sending them."""
    text = parsed(TextForm(request.POST))["text"]
    decision = partial(drafting.split_draft, text=text)
    return decided(request, conversation_id, decision, composer="full", event="desk:split")


@signed_in
@require_POST
def undo(request: SignedIn, message_id: int) -> HttpResponse:
    """Take a reply back; its text returns to the composer."""
    return decided_about(request, message_id, replying.undo, composer="full")


@signed_in
@require_POST
def send_now(request: SignedIn, message_id: int) -> HttpResponse:
    """Let a reply go before its undo time is over."""
    return decided_about(request, message_id, replying.send_now)


@signed_in
@require_POST
def discard(request: SignedIn, message_id: int) -> HttpResponse:
    """Bring a reply that could not be sent back to the composer."""
    return decided_about(request, message_id, replying.discard, composer="full")


@signed_in
@require_POST
def pin(request: SignedIn, message_id: int) -> HttpResponse:
    """Keep a note on top of the brief, or take it off."""
    readable = Conversation.objects.visible_to(request.user)
    note = get_object_or_404(
        Message, id=message_id, direction=Message.Direction.NOTE, conversation__in=readable
    )
    change = pinning.pin if parsed(PinForm(request.POST))["pinned"] else pinning.unpin
    decision = partial(_about_note, change, note=note)
    return decided(request, note.conversation_id or 0, decision)


@transaction.atomic
def _note(*, is_pinned: bool, by: User, at: datetime, **said: Any) -> None:
    written = noting.note(by=by, at=at, **said)
    if is_pinned:
        pinning.pin(note=written, by=by, at=at)


def _about_note(change: Decision, *, note: Message, by: User, at: datetime, **_: object) -> None:
    change(note=note, by=by, at=at)


def _alts(request: SignedIn) -> dict[int, str]:
    """Return what was said of each picture, by its id."""
    return {
        int(name.removeprefix("alt-")): str(said)
        for name, said in request.POST.items()
        if ALT.fullmatch(name)
    }
