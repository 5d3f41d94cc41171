"""Webhooks, for admins; to everybody else these pages don't exist."""

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.common.errors import DeskError
from apps.console.views.access import SignedIn, signed_in
from apps.console.webhook_form import WebhookForm, of_subscription
from apps.webhooks import queries
from apps.webhooks.catalogue import payload
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.operations import subscribing

SHOWN = 50
Deed = Callable[..., None]


@signed_in
@require_safe
def webhooks(request: SignedIn) -> HttpResponse:
    """List which programs are told of what, and how that fares."""
    _must_be_admin(request)
    return render(request, "console/webhooks/list.html", {"shown": queries.subscriptions()})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook(request: SignedIn) -> HttpResponse:
    """Have another program told."""
    _must_be_admin(request)
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            saved = subscribing.subscribe(**form.cleaned_data, by=request.user, at=timezone.now())
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. It is told of what happens from now on.")
            return redirect("webhook_page", subscription_id=saved.pk)
    status = 422 if form.errors else 200
    return render(request, "console/webhooks/page.html", {"form": form}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: SignedIn, subscription_id: int) -> HttpResponse:
    """Show one, change it, and read its log."""
    shown = _known(request, subscription_id)
    form = of_subscription(shown, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            subscribing.change(
                subscription=shown, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved.")
            return redirect("webhook_page", subscription_id=shown.pk)
    context = {"form": form, "subscription": shown, **_log_context(request, shown)}
    status = 422 if form.errors else 200
    return render(request, "console/webhooks/page.html", context, status=status)


@signed_in
@require_safe
def log(request: SignedIn, subscription_id: int) -> HttpResponse:
    """Answer with the log alone, as it is now."""
    shown = _known(request, subscription_id)
    context = {"subscription": shown, **_log_context(request, shown)}
    return render(request, "console/webhooks/_log.html", context)


@signed_in
@require_POST
def act(request: SignedIn, subscription_id: int, deed: str) -> HttpResponse:
    """Test it, switch it, replace its secret, or remove it."""
    shown = _known(request, subscription_id)
    operation, done = DEEDS[deed]
    try:
        operation(subscription=shown, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    if deed == "remove":
        return redirect("webhooks")
    return redirect("webhook_page", subscription_id=subscription_id)


@signed_in
@require_safe
def telling(request: SignedIn, subscription_id: int, dispatch_id: int) -> HttpResponse:
    """Show what was told once, and every attempt at it."""
    shown = _known(request, subscription_id)
    found = get_object_or_404(queries.log(shown), id=dispatch_id)
    context = {
        "subscription": shown,
        "dispatch": found,
        "attempts": queries.attempts(found),
        "body": json.dumps(payload(found.event), indent=2),
    }
    return render(request, "console/webhooks/telling.html", context)


@signed_in
@require_POST
def redeliver(request: SignedIn, subscription_id: int, dispatch_id: int) -> HttpResponse:
    """Tell it once more."""
    found = get_object_or_404(queries.log(_known(request, subscription_id)), id=dispatch_id)
    try:
        subscribing.redeliver(dispatch=found, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is told again now. Its id stays the same.")
    return redirect("telling", subscription_id=subscription_id, dispatch_id=dispatch_id)


DEEDS: dict[str, tuple[Deed, str]] = {
    "test": (subscribing.test, "A test is on its way; the log shows how it went."),
    "switch-on": (subscribing.switch_on, "It is told again, first of what waited."),
    "switch-off": (subscribing.switch_off, "It is told of nothing until it is switched on again."),
    "rotate": (subscribing.rotate, "Signed with both secrets for a day: give the new one to it."),
    "end-rotation": (subscribing.end_rotation, "Only the new secret signs now."),
    "remove": (subscribing.remove, "Removed, with its log."),
}


def _log_context(request: SignedIn, subscription: Subscription) -> dict[str, object]:
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state not in Dispatch.State.values:
        state = ""
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    rows = list(queries.log(subscription, state=state, before_id=before_id)[: SHOWN + 1])
    return {
        "rows": rows[:SHOWN],
        "older_than": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        "state": state,
        "states": Dispatch.State.choices,
        "is_newest": before_id is None,
    }


def _known(request: SignedIn, subscription_id: int) -> Subscription:
    _must_be_admin(request)
    return get_object_or_404(queries.subscriptions(), id=subscription_id)


def _must_be_admin(request: SignedIn) -> None:
    if not request.user.is_admin:
        raise Http404
