"""What a page answers to a decision: what may have changed, or why it was refused."""

import json
from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from apps.common.errors import Conflict, DeskError
from apps.console.views.access import SignedIn, is_htmx, own_message, readable_conversation
from apps.console.views.conversation import conversation_context
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import drafting, sendable

Decision = Callable[..., object]


def decided(
    request: SignedIn,
    conversation_id: int,
    decision: Decision,
    *,
    composer: str = "",
    event: str = "desk:acted",
) -> HttpResponse:
    """Decide about a conversation and show it as it is then; `composer` says what to renew."""
    conversation = readable_conversation(request, conversation_id)
    try:
        decision(conversation=conversation, by=request.user, at=timezone.now())
    except DeskError as error:
        return refused(request, conversation, error)
    return followed(request, conversation, composer=composer, event=event)


def decided_about(
    request: SignedIn, message_id: int, decision: Decision, *, composer: str = ""
) -> HttpResponse:
    """Decide about a reply of one's own and show its conversation as it is then."""
    message = own_message(request, message_id)
    conversation = _conversation_of(message)
    try:
        decision(message=message, by=request.user, at=timezone.now())
    except DeskError as error:
        return refused(request, conversation, error)
    return followed(request, conversation, composer=composer)


def _conversation_of(message: Message) -> Conversation:
    if message.conversation is None:
        raise Http404
    return message.conversation


def followed(
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


def refused(request: SignedIn, conversation: Conversation, error: DeskError) -> HttpResponse:
    """Say why not, and show the conversation as it is."""
    if not is_htmx(request):
        messages.error(request, str(error))
        return _back_to(conversation)
    return _renewed(request, conversation, {"toast": str(error)}, status=_status(error))


def reply_refused(
    request: SignedIn, conversation: Conversation, text: str, error: DeskError
) -> HttpResponse:
    """Say why beside the text; without JavaScript the text comes back as the draft."""
    if not is_htmx(request):
        drafting.save_draft(
            conversation=conversation, text=text, by=request.user, at=timezone.now()
        )
        messages.error(request, str(error))
        return _back_to(conversation)
    notice = {
        "notice": str(error),
        "is_conflict": isinstance(error, Conflict),
        "meanwhile": error.message if isinstance(error, sendable.Meanwhile) else None,
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
