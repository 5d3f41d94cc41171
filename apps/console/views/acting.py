"""Who has a conversation, and whether it goes on: each decision is one operation."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.console.forms import AssignForm, PauseForm, ReasonForm, SnoozeForm, parsed
from apps.console.views.access import SignedIn, readable_conversation, signed_in
from apps.console.views.answering import decided, refused
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning, pausing, resolving, snoozing


@signed_in
@require_POST
def take(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Take a conversation nobody has."""
    return decided(request, conversation_id, assigning.take)


@signed_in
@require_POST
def assign(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Hand a conversation to a colleague, or back to the queue."""
    to_id = parsed(AssignForm(request.POST))["to"]
    to = get_object_or_404(User, id=to_id) if to_id else None
    return decided(request, conversation_id, partial(assigning.assign, to=to))


@signed_in
@require_POST
def resolve(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Close the contact, with a reason while somebody waits."""
    reason = _reason(request)
    return decided(request, conversation_id, partial(resolving.resolve, no_reply_needed=reason))


@signed_in
@require_POST
def undo_resolve(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Take a resolve back."""
    return decided(request, conversation_id, resolving.undo_resolve)


@signed_in
@require_POST
def dismiss(request: SignedIn, conversation_id: int) -> HttpResponse:
    """End a wait without a reply and keep the conversation open."""
    reason = _reason(request)
    return decided(request, conversation_id, partial(resolving.dismiss, no_reply_needed=reason))


@signed_in
@require_POST
def snooze(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Put a conversation off until an instant."""
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        conversation = readable_conversation(request, conversation_id)
        error = DeskError(" ".join(map(str, form.errors["until"])))
        return refused(request, conversation, error)
    chosen = form.cleaned_data
    decision = partial(snoozing.snooze, until=chosen["until"], seen_message_id=chosen["seen"])
    return decided(request, conversation_id, decision)


@signed_in
@require_POST
def wake(request: SignedIn, conversation_id: int) -> HttpResponse:
    """End a snooze before its time."""
    return decided(request, conversation_id, snoozing.wake)


@signed_in
@require_POST
def pause(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Pause the resolution, on whomever it waits."""
    paused_for = Conversation.Pause(parsed(PauseForm(request.POST))["paused_for"])
    return decided(request, conversation_id, partial(pausing.pause, paused_for=paused_for))


@signed_in
@require_POST
def unpause(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Let the resolution go on."""
    return decided(request, conversation_id, pausing.unpause)


def _reason(request: SignedIn) -> str:
    form = ReasonForm(request.POST)
    parsed(form)
    return form.spoken()
