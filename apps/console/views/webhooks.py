"""Webhooks, for admins; to everybody else these pages don't exist."""

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.agents.notifications import NotificationKind
from apps.common.errors import DeskError
from apps.console.views.access import SignedIn, confirmed, for_admins, signed_in
from apps.console.webhook_form import WebhookForm, of_subscription
from apps.conversations.operations.notifying import note_read
from apps.webhooks import queries
from apps.webhooks.catalogue import payload
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.operations import subscribing

SHOWN = 50
Deed = Callable[..., None]


@signed_in
@require_safe
@for_admins
def webhooks(request: SignedIn) -> HttpResponse:
    """List which programs are told of what, and how that fares."""
    return render(request, "console/webhooks/list.html", {"shown": queries.subscriptions()})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@confirmed
def new_webhook(request: SignedIn) -> HttpResponse:
    """Have another program told."""
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
@for_admins
@confirmed
def webhook(request: SignedIn, subscription_id: int) -> HttpResponse:
    """Show one, change it, and read its log."""
    shown = _known(subscription_id)
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
    elif request.method == "GET":
        about = (NotificationKind.WEBHOOK, shown.pk)
        note_read(by=request.user, at=timezone.now(), about=about)
    return _shown(request, shown, form)


@signed_in
@require_POST
@for_admins
@confirmed
def show_secret(request: SignedIn, subscription_id: int) -> HttpResponse:
    """Show the page with the secret on it."""
    shown = _known(subscription_id)
    signing = subscribing.show_secret(subscription=shown, by=request.user, at=timezone.now())
    return _shown(request, shown, of_subscription(shown), secret=signing.secret)


@signed_in
@require_safe
@for_admins
def log(request: SignedIn, subscription_id: int) -> HttpResponse:
    """Answer with the log alone, as it is now."""
    shown = _known(subscription_id)
    context = {"subscription": shown, **_log_context(request, shown)}
    return render(request, "console/webhooks/_log.html", context)


@signed_in
@require_POST
@for_admins
@confirmed
def act(request: SignedIn, subscription_id: int, deed: str) -> HttpResponse:
    """Test it, switch it, replace its secret, or remove it."""
    shown = _known(subscription_id)
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
@for_admins
def telling(request: SignedIn, subscription_id: int, dispatch_id: int) -> HttpResponse:
    """Show what was told once, and every attempt at it."""
    shown = _known(subscription_id)
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
@for_admins
def redeliver(request: SignedIn, subscription_id: int, dispatch_id: int) -> HttpResponse:
    """Tell it once more."""
    found = get_object_or_404(queries.log(_known(subscription_id)), id=dispatch_id)
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


def _shown(
    request: SignedIn, subscription: Subscription, form: WebhookForm, *, secret: str = ""
) -> HttpResponse:
    context = {"form": form, "subscription": subscription, "secret": secret}
    context |= _log_context(request, subscription)
    status = 422 if form.errors else 200
    return render(request, "console/webhooks/page.html", context, status=status)


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


def _known(subscription_id: int) -> Subscription:
    return get_object_or_404(queries.subscriptions(), id=subscription_id)
