"""The wallboard: how the desk stands now, for a screen that everybody sees."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import User
from apps.console import drawing
from apps.console.views.access import SignedIn, signed_in, wants_part
from apps.reports import wallboard
from apps.reports.periods import Period, zone


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show the whole board."""
    return render(request, "console/wall/page.html", _page(request.user, timezone.now()))


@signed_in
@require_safe
def board(request: SignedIn) -> HttpResponse:
    """Answer with the board as it is at this moment."""
    if not wants_part(request):
        return redirect("wall")
    return render(request, "console/wall/_board.html", _board(request.user, timezone.now()))


@signed_in
@require_safe
def tiles(request: SignedIn) -> HttpResponse:
    """Answer with the tiles alone, as they stand above the trends."""
    return render(request, "console/wall/_tiles.html", tiles_context(request.user, timezone.now()))


def tiles_context(user: User, at: datetime) -> dict[str, object]:
    """Return what the tiles say."""
    return _told(wallboard.now(user=user, at=at), at)


def _page(user: User, at: datetime) -> dict[str, object]:
    return _board(user, at) | {"zone": zone()}


def _board(user: User, at: datetime) -> dict[str, object]:
    now = wallboard.now(user=user, at=at)
    return _told(now, at) | {
        "bars": drawing.flow(now),
        "people": wallboard.people_now(user=user, at=at),
        "channels": wallboard.channels_now(user=user, at=at),
    }


def _told(now: wallboard.Now, at: datetime) -> dict[str, object]:
    return {"tiles": now, "today": Period.of_days(1, at=at)}
