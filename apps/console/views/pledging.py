"""Promises to a customer: marking words as one, and saying how it ended."""

import json

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.common.errors import Conflict, DeskError
from apps.console.forms import PledgeForm, SettleForm
from apps.console.views.access import SignedIn, is_htmx, signed_in
from apps.conversations.models import Conversation, Message, Pledge
from apps.conversations.operations import pledging
from apps.customers.due import guess_due

FOLLOWS = {name: {"target": "body"} for name in ("desk:refresh", "desk:pledged")}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pledge(request: SignedIn, message_id: int) -> HttpResponse:
    """Ask when what some words promise is due, with a guess; or keep what a person confirmed."""
    message = _own_side(request, message_id)
    if request.method != "POST":
        words = " ".join(request.GET.get("words", "").split())
        return _asked(request, message, words)
    form = PledgeForm(request.POST)
    if not form.is_valid():
        return _refused(request, message, "Say what is promised, and a day and a time.")
    try:
        pledging.pledge(
            message=message,
            words=form.cleaned_data["words"],
            due_at=form.cleaned_data["due_at"],
            by=request.user,
            at=timezone.now(),
        )
    except DeskError as error:
        return _refused(request, message, str(error))
    return done(request, message.conversation_id)


@signed_in
@require_POST
def settle(request: SignedIn, pledge_id: int) -> HttpResponse:
    """Say that a promise was kept, broken, or marked by mistake."""
    readable = Conversation.objects.visible_to(request.user)
    made = Pledge.objects.filter(id=pledge_id, message__conversation__in=readable).first()
    if made is None:
        raise Http404
    form = SettleForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Say whether it was kept, broken, or marked by mistake.")
    try:
        pledging.settle(
            pledge=made,
            state=form.cleaned_data["state"],
            note=form.cleaned_data["note"],
            by=request.user,
            at=timezone.now(),
        )
    except DeskError as error:
        return refused(request, error, made.message.conversation_id)
    return done(request, made.message.conversation_id)


def done(request: SignedIn, conversation_id: int | None) -> HttpResponse:
    """Let the open page follow what was decided."""
    if not is_htmx(request):
        return _back(request, conversation_id)
    return HttpResponse(headers={"HX-Trigger": json.dumps(FOLLOWS)})


def refused(request: SignedIn, error: DeskError, conversation_id: int | None) -> HttpResponse:
    """Say why not, where the person is."""
    if not is_htmx(request):
        messages.error(request, str(error))
        return _back(request, conversation_id)
    status = 409 if isinstance(error, Conflict) else 422
    return render(request, "console/_refused.html", {"toast": str(error)}, status=status)


def _back(request: SignedIn, conversation_id: int | None) -> HttpResponse:
    customer = request.POST.get("customer", "")
    if customer.isdecimal() and len(customer) < 19:
        return redirect("customer", customer_id=int(customer))
    if conversation_id is None:
        return redirect("home")
    return redirect("conversation", conversation_id=conversation_id)


def _own_side(request: SignedIn, message_id: int) -> Message:
    found = (
        Message.objects.filter(
            id=message_id, conversation__in=Conversation.objects.visible_to(request.user)
        )
        .exclude(direction=Message.Direction.INBOUND)
        .select_related("conversation__channel", "conversation__identity")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _asked(request: SignedIn, message: Message, words: str) -> HttpResponse:
    guess = guess_due(
        words or message.text,
        said_at=message.said_at,
        zone=timezone.get_current_timezone(),
    ) or guess_due(message.text, said_at=message.said_at, zone=timezone.get_current_timezone())
    context = {"message": message, "words": words or message.text, "guess": guess}
    return render(request, "console/conversation/_pledge.html", context)


def _refused(request: SignedIn, message: Message, why: str) -> HttpResponse:
    if not is_htmx(request):
        messages.error(request, why)
        return _back(request, message.conversation_id)
    context = {
        "message": message,
        "words": request.POST.get("words", ""),
        "due": request.POST.get("due_at", ""),
        "why": why,
    }
    return render(request, "console/conversation/_pledge.html", context, status=422)
