"""What a person does in a conversation. Each decision is one operation; the page then follows."""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.console.forms import (
    AssignForm,
    LabelForm,
    PauseForm,
    PriorityForm,
    ReasonForm,
    ReplyForm,
    SnoozeForm,
    TextForm,
    parsed,
)
from apps.console.views.access import (
    SignedIn,
    is_htmx,
    own_message,
    readable_conversation,
    signed_in,
)
from apps.console.views.conversation import conversation_context
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import (
    assigning,
    labelling,
    pausing,
    replying,
    resolving,
    snoozing,
)
from apps.labels.models import Flag, Label, Tag

ALT = re.compile(r"alt-[0-9]{1,18}")
Decision = Callable[..., object]


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
        return _reply_refused(request, conversation, sent["text"], error)
    return _followed(request, conversation, composer="empty", event="desk:sent")


@signed_in
@require_POST
def note(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Keep a note for colleagues."""
    text = parsed(TextForm(request.POST))["text"]
    decision = partial(replying.note, text=text)
    return _decided(request, conversation_id, decision, composer="kept", event="desk:noted")


@signed_in
@require_POST
def split(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Cut a draft into numbered parts, for its author to read and change before sending them."""
    text = parsed(TextForm(request.POST))["text"]
    decision = partial(replying.split_draft, text=text)
    return _decided(request, conversation_id, decision, composer="full", event="desk:split")


@signed_in
@require_POST
def take(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Take a conversation nobody has."""
    return _decided(request, conversation_id, assigning.take)


@signed_in
@require_POST
def assign(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Hand a conversation to a colleague, or back to the queue."""
    to_id = parsed(AssignForm(request.POST))["to"]
    to = get_object_or_404(User, id=to_id) if to_id else None
    return _decided(request, conversation_id, partial(assigning.assign, to=to))


@signed_in
@require_POST
def tag(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Put a tag on a conversation, or take one off."""
    decision = partial(_of_one, labelling.change_tags, **_chosen(request, Tag))
    return _decided(request, conversation_id, decision)


@signed_in
@require_POST
def prioritize(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Say how much a conversation matters."""
    priority = parsed(PriorityForm(request.POST))["priority"]
    decision = partial(_of_one, labelling.set_priority, priority=priority)
    return _decided(request, conversation_id, decision)


@signed_in
@require_POST
def flag(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Flag the customer of a conversation, or take a flag off them."""
    chosen = _chosen(request, Flag)
    return _decided(request, conversation_id, partial(labelling.change_flags, **chosen))


@signed_in
@require_POST
def resolve(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Close the contact, with a reason while somebody waits."""
    reason = _reason(request)
    return _decided(request, conversation_id, partial(resolving.resolve, no_reply_needed=reason))


@signed_in
@require_POST
def undo_resolve(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Take a resolve back."""
    return _decided(request, conversation_id, resolving.undo_resolve)


@signed_in
@require_POST
def dismiss(request: SignedIn, conversation_id: int) -> HttpResponse:
    """End a wait without a reply and keep the conversation open."""
    reason = _reason(request)
    return _decided(request, conversation_id, partial(resolving.dismiss, no_reply_needed=reason))


@signed_in
@require_POST
def snooze(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Put a conversation off until an instant."""
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        conversation = readable_conversation(request, conversation_id)
        error = DeskError(" ".join(map(str, form.errors["until"])))
        return _refused(request, conversation, error)
    chosen = form.cleaned_data
    decision = partial(snoozing.snooze, until=chosen["until"], seen_message_id=chosen["seen"])
    return _decided(request, conversation_id, decision)


@signed_in
@require_POST
def wake(request: SignedIn, conversation_id: int) -> HttpResponse:
    """End a snooze before its time."""
    return _decided(request, conversation_id, snoozing.wake)


@signed_in
@require_POST
def pause(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Pause the resolution, on whomever it waits."""
    paused_for = Conversation.Pause(parsed(PauseForm(request.POST))["paused_for"])
    return _decided(request, conversation_id, partial(pausing.pause, paused_for=paused_for))


@signed_in
@require_POST
def unpause(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Let the resolution go on."""
    return _decided(request, conversation_id, pausing.unpause)


@signed_in
@require_POST
def undo(request: SignedIn, message_id: int) -> HttpResponse:
    """Take a reply back; its text returns to the composer."""
    return _decided_about(request, message_id, replying.undo, composer="full")


@signed_in
@require_POST
def send_now(request: SignedIn, message_id: int) -> HttpResponse:
    """Let a reply go before its undo time is over."""
    return _decided_about(request, message_id, replying.send_now)


@signed_in
@require_POST
def discard(request: SignedIn, message_id: int) -> HttpResponse:
    """Bring a reply that could not be sent back to the composer."""
    return _decided_about(request, message_id, replying.discard, composer="full")


def _decided(
    request: SignedIn,
    conversation_id: int,
    decision: Decision,
    *,
    composer: str = "",
    event: str = "desk:acted",
) -> HttpResponse:
    conversation = readable_conversation(request, conversation_id)
    try:
        decision(conversation=conversation, by=request.user, at=timezone.now())
    except DeskError as error:
        return _refused(request, conversation, error)
    return _followed(request, conversation, composer=composer, event=event)


def _decided_about(
    request: SignedIn, message_id: int, decision: Decision, *, composer: str = ""
) -> HttpResponse:
    message = own_message(request, message_id)
    conversation = _conversation_of(message)
    try:
        decision(message=message, by=request.user, at=timezone.now())
    except DeskError as error:
        return _refused(request, conversation, error)
    return _followed(request, conversation, composer=composer)


def _conversation_of(message: Message) -> Conversation:
    if message.conversation is None:
        raise Http404
    return message.conversation


def _followed(
    request: SignedIn, conversation: Conversation, *, composer: str = "", event: str = "desk:acted"
) -> HttpResponse:
    """Show the conversation as it is after a decision; `composer` says which of it to renew."""
    if not is_htmx(request):
        return _back_to(conversation)
    response = _renewed(request, conversation, {"composer": composer})
    response["HX-Trigger"] = json.dumps(
        {name: {"target": "body"} for name in {event, "desk:acted"}}
    )
    return response


def _refused(request: SignedIn, conversation: Conversation, error: DeskError) -> HttpResponse:
    if not is_htmx(request):
        messages.error(request, str(error))
        return _back_to(conversation)
    return _renewed(request, conversation, {"toast": str(error)}, status=_status(error))


def _reply_refused(
    request: SignedIn, conversation: Conversation, text: str, error: DeskError
) -> HttpResponse:
    """Say why beside the text; without JavaScript the text comes back as the draft."""
    if not is_htmx(request):
        replying.save_draft(
            conversation=conversation, text=text, by=request.user, at=timezone.now()
        )
        messages.error(request, str(error))
        return _back_to(conversation)
    notice = {
        "notice": str(error),
        "is_conflict": isinstance(error, Conflict),
        "meanwhile": error.message if isinstance(error, replying.Meanwhile) else None,
    }
    return _renewed(request, conversation, notice, status=_status(error))


def _back_to(conversation: Conversation) -> HttpResponse:
    return redirect("conversation", conversation_id=conversation.merged_into_id or conversation.pk)


def _renewed(
    request: SignedIn, conversation: Conversation, extra: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    """Render what may have changed; a merged conversation is shown as the one it became."""
    present = readable_conversation(request, conversation.merged_into_id or conversation.pk)
    context = conversation_context(request, present, now=timezone.now())
    template = "console/conversation/_refresh.html"
    return render(request, template, {**context, **extra}, status=status)


def _status(error: DeskError) -> int:
    return 409 if isinstance(error, Conflict) else 422


def _alts(request: SignedIn) -> dict[int, str]:
    """Return what was said of each picture, by its id."""
    return {
        int(name.removeprefix("alt-")): str(said)
        for name, said in request.POST.items()
        if ALT.fullmatch(name)
    }


def _reason(request: SignedIn) -> str:
    form = ReasonForm(request.POST)
    parsed(form)
    return form.spoken()


def _of_one(decision: Decision, *, conversation: Conversation, **said: Any) -> None:
    """Do to one conversation what may be done to many."""
    decision(conversation_ids=[conversation.pk], **said)


def _chosen(request: SignedIn, kind: type[Label]) -> dict[str, Any]:
    sent = parsed(LabelForm(request.POST))
    return {
        name: [get_object_or_404(kind, pk=label_id)] if (label_id := sent[name]) else []
        for name in ("add", "remove")
    }
