"""Channels, for admins: connected, looked after, paused; to everybody else they don't exist."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.channels import operations
from apps.channels.models import Channel
from apps.channels.registry import BROUGHT_IN
from apps.common.errors import DeskError
from apps.console.channel_form import ChannelForm, NewChannelForm
from apps.console.views.access import SignedIn, confirmed, signed_in
from apps.conversations.operations import returning
from apps.reports.wallboard import channels_now


@signed_in
@require_safe
def channels(request: SignedIn) -> HttpResponse:
    """List the accounts, and how each fares."""
    _must_be_admin(request)
    at = timezone.now()
    now_of = {one.channel.pk: one for one in channels_now(user=request.user, at=at)}
    listed = Channel.objects.select_related("team")
    context = {"shown": [(channel, now_of.get(channel.pk)) for channel in listed]}
    return render(request, "console/channels/list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def new_channel(request: SignedIn) -> HttpResponse:
    """Connect an account."""
    _must_be_admin(request)
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
@confirmed
def channel(request: SignedIn, channel_id: int) -> HttpResponse:
    """Show how an account is connected, and change it."""
    shown = _known(request, channel_id)
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
    is_brought_in = shown.network in BROUGHT_IN
    path = f"/api/v1/channels/{shown.pk}/messages/" if is_brought_in else _hook(shown)
    context = {
        "form": form,
        "channel": shown,
        "is_brought_in": is_brought_in,
        "address": settings.DESK_URL + path,
    }
    status = 422 if form.errors else 200
    return render(request, "console/channels/page.html", context, status=status)


@signed_in
@require_POST
def act(request: SignedIn, channel_id: int, channel_deed: str) -> HttpResponse:
    """Pause it, let it go on, or replace its secret."""
    shown = _known(request, channel_id)
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


def _hook(channel: Channel) -> str:
    return reverse("webhook", args=[channel.pk])


def _known(request: SignedIn, channel_id: int) -> Channel:
    _must_be_admin(request)
    return get_object_or_404(Channel.objects.select_related("team"), id=channel_id)


def _must_be_admin(request: SignedIn) -> None:
    if not request.user.is_admin:
        raise Http404
