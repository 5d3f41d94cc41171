"""Deciding about many conversations at once. Nothing here says anything to a customer."""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.console import snoozes
from apps.console.forms import NO_REPLY_REASONS, AssignForm, ReasonForm, SnoozeForm
from apps.console.views.access import SignedIn, is_htmx, signed_in
from apps.conversations.operations import assigning, labelling, many, resolving, snoozing
from apps.conversations.operations.many import Outcome
from apps.conversations.queries import inbox
from apps.labels.models import Tag

DONE = {
    "assign": "Assigned {}.",
    "snooze": "Snoozed {}.",
    "wake": "Woke {}.",
    "tag": "Tagged {}.",
    "resolve": "Resolved {}.",
    "undo-resolve": "Opened {} again.",
}
UNDONE_BY = {"resolve": "undo-resolve", "snooze": "wake"}


@signed_in
@require_http_methods(["GET", "POST"])
def chosen(request: SignedIn) -> HttpResponse:
    """Show what can be done with the chosen conversations; a page of its own without JavaScript."""
    context = {
        "chosen": request.POST.getlist("ids")[: many.MOST],
        "back": _back(request),
        "people": inbox.everybody(request.user),
        "tags": Tag.objects.filter(is_retired=False),
        "snoozes": snoozes.offered(timezone.now()),
        "reasons": NO_REPLY_REASONS,
    }
    template = "console/inbox/_many.html" if is_htmx(request) else "console/inbox/many.html"
    return render(request, template, context)


@signed_in
@require_POST
def decide(request: SignedIn, decision: str) -> HttpResponse:
    """Decide the same about each, and say about which it was refused and why."""
    ids = [int(number) for number in request.POST.getlist("ids") if number.isdecimal()]
    if not ids:
        return _answer(request, decision, Outcome(), "Choose at least one conversation.")
    try:
        outcome = DECISIONS[decision](request, ids, timezone.now())
    except DeskError as error:
        return _answer(request, decision, Outcome(), str(error))
    return _answer(request, decision, outcome)


def _assign(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    form = AssignForm(request.POST)
    if not form.is_valid():
        raise BadRequest("The form names nobody to assign to.")
    to = get_object_or_404(User, id=form.cleaned_data["to"]) if form.cleaned_data["to"] else None
    return many.decide(assigning.assign, conversation_ids=ids, by=request.user, at=at, to=to)


def _snooze(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise DeskError("Choose until when.")
    until = form.cleaned_data["until"]
    return many.decide(snoozing.snooze, conversation_ids=ids, by=request.user, at=at, until=until)


def _wake(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    return many.decide(snoozing.wake, conversation_ids=ids, by=request.user, at=at)


def _tag(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    number = request.POST.get("tag", "")
    tag = get_object_or_404(Tag, id=int(number) if number.isdecimal() else 0)
    return many.decide(labelling.tag, conversation_ids=ids, by=request.user, at=at, tag=tag)


def _resolve(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise DeskError("Say in at most 300 characters why no reply is needed.")
    return many.decide(
        resolving.resolve,
        conversation_ids=ids,
        by=request.user,
        at=at,
        no_reply_needed=form.spoken(),
    )


def _undo_resolve(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    return many.decide(resolving.undo_resolve, conversation_ids=ids, by=request.user, at=at)


DECISIONS: dict[str, Callable[[SignedIn, list[int], datetime], Outcome]] = {
    "assign": _assign,
    "snooze": _snooze,
    "wake": _wake,
    "tag": _tag,
    "resolve": _resolve,
    "undo-resolve": _undo_resolve,
}


def _answer(request: SignedIn, decision: str, outcome: Outcome, refusal: str = "") -> HttpResponse:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for conversation_id, why in outcome.refused.items():
        by_reason[why].append(conversation_id)
    sentence = refusal or DONE[decision].format(len(outcome.decided) or "none")
    if not is_htmx(request):
        for text in (sentence, *(f"Not {_numbers(ids)}: {why}" for why, ids in by_reason.items())):
            messages.error(request, text) if by_reason or refusal else messages.info(request, text)
        return redirect(_back(request))
    context = {
        "sentence": sentence,
        "refused": list(by_reason.items()),
        "decided": outcome.decided,
        "undo": UNDONE_BY.get(decision) if outcome.decided else None,
    }
    response = render(request, "console/inbox/_decided.html", context)
    response["HX-Trigger"] = json.dumps(
        {name: {"target": "body"} for name in ("desk:decided", "desk:acted")}
    )
    return response


def _numbers(ids: list[int]) -> str:
    return ", ".join(f"#{number}" for number in ids)


def _back(request: SignedIn) -> str:
    """Where the list was, if that is one of our own pages."""
    for address in (request.POST.get("back", ""), request.headers.get("Referer", "")):
        if address and url_has_allowed_host_and_scheme(
            address, {request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "/"
