"""Channels, for admins: connected, looked after, paused; to everybody else they don't exist."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.channels import operations
from apps.channels.models import Channel
from apps.channels.registry import BROUGHT_IN
from apps.common.errors import DeskError
from apps.console.channel_form import ChannelForm, NewChannelForm
from apps.console.views.access import SignedIn, confirmed, for_admins, signed_in
from apps.conversations.operations import returning
from apps.reports.wallboard import channels_now


@signed_in
@require_safe
@for_admins
def channels(request: SignedIn) -> HttpResponse:
    """List the accounts, and how each fares."""
    at = timezone.now()
    now_of = {one.channel.pk: one for one in channels_now(user=request.user, at=at)}
    listed = Channel.objects.select_related("team")
    context = {"shown": [(channel, now_of.get(channel.pk)) for channel in listed]}
    return render(request, "console/channels/list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@confirmed
def new_channel(request: SignedIn) -> HttpResponse:
    """Connect an account."""
    form = NewChannelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = operations.connect(**form.cleaned_data, by=request.user, at=timezone.now())
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Connected. Let its network deliver to the address below.")
            return redirect("channel", channel_id=made.pk)
    status = 422 if form.errors else 200
    return render(request, "console/channels/page.html", {"form": form}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@confirmed
def channel(request: SignedIn, channel_id: int) -> HttpResponse:
    """Show how an account is connected, and change it."""
    shown = _known(channel_id)
    form = ChannelForm.of(shown, request.POST if request.method == "POST" else None)
    if form.is_valid():
        now = timezone.now()
        try:
            operations.change(channel=shown, changes=form.cleaned_data, by=request.user, at=now)
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            returning.hand_back(at=now)
            messages.success(request, "Saved.")
            return redirect("channel", channel_id=shown.pk)
    return _shown(request, shown, form)


@signed_in
@require_POST
@for_admins
@confirmed
def show_secret(request: SignedIn, channel_id: int) -> HttpResponse:
    """Show the page with the secret on it."""
    shown = _known(channel_id)
    secret = operations.show_secret(channel=shown, by=request.user, at=timezone.now())
    return _shown(request, shown, ChannelForm.of(shown), secret=secret)


@signed_in
@require_POST
@for_admins
@confirmed
def act(request: SignedIn, channel_id: int, channel_deed: str) -> HttpResponse:
    """Pause it, let it go on, or replace its secret."""
    shown = _known(channel_id)
    operation, done = DEEDS[channel_deed]
    try:
        operation(channel=shown, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("channel", channel_id=channel_id)


DEEDS: dict[str, tuple[Callable[..., None], str]] = {
    "pause": (operations.pause, "Paused: replies wait here, and nothing of them is lost."),
    "go-on": (operations.go_on, "It goes on: what waited leaves now."),
    "rotate": (
        operations.rotate_secret,
        "Both are taken now: give the network the new one.",
    ),
    "end-rotation": (operations.end_rotation, "Only the new secret is taken now."),
}


def _shown(
    request: SignedIn, channel: Channel, form: ChannelForm, *, secret: str = ""
) -> HttpResponse:
    is_brought_in = channel.network in BROUGHT_IN
    path = f"/api/v1/channels/{channel.pk}/messages/" if is_brought_in else _hook(channel)
    context = {
        "form": form,
        "channel": channel,
        "is_brought_in": is_brought_in,
        "address": settings.DESK_URL + path,
        "secret": secret,
    }
    status = 422 if form.errors else 200
    return render(request, "console/channels/page.html", context, status=status)


def _hook(channel: Channel) -> str:
    return reverse("webhook", args=[channel.pk])


def _known(channel_id: int) -> Channel:
    return get_object_or_404(Channel.objects.select_related("team"), id=channel_id)
