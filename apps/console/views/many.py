"""Deciding about many conversations at once. Nothing here says anything to a customer."""

import json
import re
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
from apps.console.forms import (
    NO_REPLY_REASONS,
    AssignForm,
    PriorityForm,
    ReasonForm,
    SnoozeForm,
    parsed,
)
from apps.console.views.access import SignedIn, is_htmx, signed_in
from apps.conversations.operations import assigning, labelling, many, resolving, snoozing
from apps.conversations.operations.many import Outcome
from apps.conversations.queries import inbox
from apps.labels.models import Priority, Tag

DONE = {
    "assign": "Assigned {}.",
    "snooze": "Snoozed {}.",
    "snooze-back": "Put {} back to before.",
    "tag": "Tagged {}.",
    "untag": "Took the tag off {}.",
    "prioritize": "Changed the priority of {}.",
    "prioritize-back": "Gave {} the priority of before.",
    "assign-back": "Gave {} back.",
    "resolve": "Resolved {}.",
    "undo-resolve": "Opened {} again.",
}
UNDONE_BY = {
    "resolve": "undo-resolve",
    "snooze": "snooze-back",
    "tag": "untag",
    "assign": "assign-back",
    "prioritize": "prioritize-back",
}
HAD_BEEN = re.compile(r"([0-9]{1,18}):([0-9]{0,18}|[a-z]+)")
Fields = list[tuple[str, object]]


@signed_in
@require_http_methods(["GET", "POST"])
def chosen(request: SignedIn) -> HttpResponse:
    """Show what can be done with the chosen conversations; a page of its own without JavaScript."""
    context = {
        "chosen": request.POST.getlist("ids")[: many.MOST],
        "back": _back(request),
        "people": inbox.everybody(request.user),
        "tags": Tag.objects.filter(is_retired=False),
        "priorities": Priority.choices,
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
    to = _chosen_person(request)
    return many.decide(assigning.assign, conversation_ids=ids, by=request.user, at=at, to=to)


def _assign_back(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    before = _before(request)
    had = {one for one in before.values() if one.isdecimal()}
    people = {str(one.pk): one for one in User.objects.filter(id__in=had)}
    return many.decide(
        assigning.assign_back,
        conversation_ids=ids,
        by=request.user,
        at=at,
        was=_chosen_person(request),
        of_each={i: {"to": people.get(one)} for i, one in before.items()},
    )


def _chosen_person(request: SignedIn) -> User | None:
    to = parsed(AssignForm(request.POST))["to"]
    return get_object_or_404(User, id=to) if to else None


def _before(request: SignedIn) -> dict[int, str]:
    """What each had been, as our own page sent it: `id:value`."""
    pairs = [HAD_BEEN.fullmatch(one) for one in request.POST.getlist("before")]
    if not all(pairs):
        raise BadRequest("The form does not say how each had been.")
    return {int(pair[1]): pair[2] for pair in pairs if pair}


def _snooze(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise DeskError("Choose until when.")
    until = form.cleaned_data["until"]
    return many.decide(snoozing.snooze, conversation_ids=ids, by=request.user, at=at, until=until)


def _snooze_back(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    return many.decide(snoozing.snooze_back, conversation_ids=ids, by=request.user, at=at)


def _tag(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    tag = _chosen_tag(request)
    return many.decide(labelling.tag, conversation_ids=ids, by=request.user, at=at, tag=tag)


def _untag(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    tag = _chosen_tag(request)
    return many.decide(labelling.untag, conversation_ids=ids, by=request.user, at=at, tag=tag)


def _chosen_tag(request: SignedIn) -> Tag:
    number = request.POST.get("tag", "")
    return get_object_or_404(Tag, id=int(number) if number.isdecimal() else 0)


def _prioritize(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    priority = parsed(PriorityForm(request.POST))["priority"]
    return many.decide(
        labelling.prioritize, conversation_ids=ids, by=request.user, at=at, priority=priority
    )


def _prioritize_back(request: SignedIn, ids: list[int], at: datetime) -> Outcome:
    return many.decide(
        labelling.prioritize_back,
        conversation_ids=ids,
        by=request.user,
        at=at,
        was=parsed(PriorityForm(request.POST))["priority"],
        of_each={i: {"priority": one} for i, one in _before(request).items()},
    )


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
    "assign-back": _assign_back,
    "snooze": _snooze,
    "snooze-back": _snooze_back,
    "tag": _tag,
    "untag": _untag,
    "prioritize": _prioritize,
    "prioritize-back": _prioritize_back,
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
        "undo": UNDONE_BY.get(decision),
        "fields": _undone_with(request, decision, outcome),
    }
    response = render(request, "console/inbox/_decided.html", context)
    response["HX-Trigger"] = json.dumps(
        {name: {"target": "body"} for name in ("desk:decided", "desk:acted")}
    )
    return response


def _undone_with(request: SignedIn, decision: str, outcome: Outcome) -> Fields:
    """What undoing has to say: about which, what they were given, and what each had been before.

    What was so before is left out; nothing where there is nothing to undo.
    """
    before = outcome.before
    match decision:
        case "tag":
            ids, said = [i for i, is_new in before.items() if is_new], ["tag"]
        case "assign":
            before = {i: getattr(one, "pk", "") for i, one in before.items()}
            ids, said = [i for i, one in before.items() if str(one) != request.POST["to"]], ["to"]
        case "prioritize":
            ids = [i for i, one in before.items() if one != request.POST["priority"]]
            said = ["priority"]
        case _:
            ids, said = outcome.decided, []
    if not ids:
        return []
    fields: Fields = [("ids", i) for i in ids]
    fields += [(one, request.POST[one]) for one in said]
    fields += [("before", f"{i}:{before[i]}") for i in ids if said]
    return fields


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
