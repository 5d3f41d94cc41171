"""The ordered list of promises: everybody reads it, managers and admins decide about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.console.policy_form import PolicyForm, newest_seen
from apps.console.policy_wording import changes, hidden_by
from apps.console.views.access import SignedIn, is_htmx, signed_in
from apps.reports.preview import Outcome, preview
from apps.sla.models import Policy, PolicyVersion
from apps.sla.operations import as_it_would_be, move_policy, retire_policy, save_policy
from apps.sla.queries import present_policies, versions_of

ANOTHERS = "one of another team"


@dataclass(frozen=True, slots=True)
class Row:
    """A policy in its place; `hidden_by` stands above it and fits whatever it fits."""

    rank: int
    version: PolicyVersion
    may_decide: bool
    hidden_by: PolicyVersion | None


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show the list in its order."""
    return render(request, "console/policies/list.html", _list_context(request))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Promise something new."""
    _must_lead(request)
    return _form(request, None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: SignedIn, policy_id: int) -> HttpResponse:
    """Show a policy with its versions, and change it, for whoever may."""
    versions = _versions(request.user, policy_id)
    present = versions[0]
    if present.may_be_decided_by(request.user) and not present.is_retired:
        return _form(request, present)
    if request.method == "POST":
        raise Http404
    return _shown(request, present, versions)


@signed_in
@require_safe
def version(request: SignedIn, policy_id: int, number: int) -> HttpResponse:
    """Show one version as it was saved: what judges the clocks that name it."""
    versions = _versions(request.user, policy_id)
    shown = next((one for one in versions if one.version == number), None)
    if shown is None:
        raise Http404
    return _shown(request, shown, versions)


@signed_in
@require_POST
def move(request: SignedIn, policy_id: int) -> HttpResponse:
    """Let a policy change places with its neighbour above or below."""
    _must_lead(request)
    present = _versions(request.user, policy_id)[0]
    rank = next((n for n, one in enumerate(present_policies(), 1) if one == present), 0)
    step = -1 if request.POST.get("direction") == "up" else 1
    decision = partial(move_policy, policy=present.policy, rank=rank + step)
    return _decided(request, decision, said="")


@signed_in
@require_POST
def retire(request: SignedIn, policy_id: int) -> HttpResponse:
    """Promise it no more."""
    _must_lead(request)
    present = _versions(request.user, policy_id)[0]
    said = f"{present.name} is retired. Waits it judges keep what they were promised."
    return _decided(request, partial(retire_policy, policy=present.policy), said=said)


def _decided(request: SignedIn, decision: Callable[..., None], *, said: str) -> HttpResponse:
    """Do it if the list is still the one that was looked at, and show the list that is now."""
    seen = request.POST.get("seen", "")
    refusal = ""
    try:
        decision(seen=int(seen) if seen.isdecimal() else 0, by=request.user, at=timezone.now())
    except DeskError as error:
        refusal = str(error)
    if is_htmx(request):
        context = _list_context(request) | {"toast": refusal}
        return render(request, "console/policies/_moved.html", context)
    if refusal:
        messages.error(request, refusal)
    elif said:
        messages.success(request, said)
    return redirect("policies")


def _form(request: SignedIn, present: PolicyVersion | None) -> HttpResponse:
    policies = present_policies()
    others = [one for one in policies if one != present]
    form = PolicyForm(
        request.POST or None,
        user=request.user,
        present=present,
        places=_places(others, request.user),
        rank=policies.index(present) + 1 if present else len(others) + 1,
    )
    looked_at: dict[str, object] = {}
    seen = request.POST.get("seen") or newest_seen()
    if form.is_valid():
        try:
            if "preview" not in request.POST:
                return _saved(request, form, present)
            looked_at = _preview(request, form, present)
        except DeskError as error:
            form.add_error(None, str(error))
            seen = newest_seen()
    context = {
        "seen": seen,
        "form": form,
        "present": present,
        "rows": _rows(present_policies(), request.user),
        "versions": _told(list(versions_of(present.policy))) if present else [],
    }
    status = 422 if form.errors else 200
    return render(request, "console/policies/form.html", context | looked_at, status=status)


def _saved(request: SignedIn, form: PolicyForm, present: PolicyVersion | None) -> HttpResponse:
    saved = save_policy(
        said=form.said(),
        policy=present.policy if present else None,
        rank=form.cleaned_data["rank"],
        seen=form.cleaned_data["seen"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, f"{saved} is saved. It judges waits that open from now on.")
    return redirect("policies")


def _preview(
    request: SignedIn, form: PolicyForm, present: PolicyVersion | None
) -> dict[str, object]:
    said = form.said()
    would_be = as_it_would_be(
        said, present.policy if present else None, rank=form.cleaned_data["rank"]
    )
    return {
        "preview": preview(user=request.user, policies=would_be, at=timezone.now()),
        "would_be": _rows(would_be, request.user),
        "said": said,
        "outcomes": list(Outcome),
    }


def _shown(
    request: SignedIn, shown: PolicyVersion, versions: Sequence[PolicyVersion]
) -> HttpResponse:
    context = {"shown": shown, "present": versions[0], "versions": _told(versions)}
    return render(request, "console/policies/version.html", context)


def _list_context(request: SignedIn) -> dict[str, object]:
    return {"rows": _rows(present_policies(), request.user), "seen": newest_seen()}


def _rows(policies: Sequence[PolicyVersion], user: User) -> list[Row]:
    """What this person may read of the list; numbers are those of the whole."""
    readable = _readable_channels(user)
    return [
        Row(rank, one, one.may_be_decided_by(user), hidden_by(one, policies[: rank - 1]))
        for rank, one in enumerate(policies, start=1)
        if one.channel_id is None or one.channel_id in readable
    ]


def _places(others: Sequence[PolicyVersion], user: User) -> list[tuple[int, str]]:
    readable = {row.version for row in _rows(others, user)}
    after = [one.name if one in readable else ANOTHERS for one in others]
    return [(1, "1, the first"), *((n, f"{n}, after {name}") for n, name in enumerate(after, 2))]


def _versions(user: User, policy_id: int) -> list[PolicyVersion]:
    """All versions, newest first; those for a channel that this person may not read are unknown."""
    readable = _readable_channels(user)
    found = list(versions_of(get_object_or_404(Policy, id=policy_id)))
    versions = [one for one in found if one.channel_id is None or one.channel_id in readable]
    if not versions or versions[0] != found[0]:
        raise Http404
    return versions


def _told(versions: Sequence[PolicyVersion]) -> list[tuple[PolicyVersion, list[str]]]:
    """Each version with what it changed."""
    before = [*versions[1:], None]
    return [(one, changes(one, earlier)) for one, earlier in zip(versions, before, strict=True)]


def _readable_channels(user: User) -> set[int]:
    return set(Channel.objects.visible_to(user).values_list("id", flat=True))


def _must_lead(request: SignedIn) -> None:
    if not request.user.leads:
        raise Http404
