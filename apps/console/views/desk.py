"""The desk's page: rail, list and conversation stand on it, and are refreshed one by one."""

from datetime import datetime

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import Presence, User
from apps.console.views.access import SignedIn, signed_in, wants_part
from apps.conversations.queries import inbox
from apps.conversations.queries.inbox import Place, Queue
from apps.intake.queries import set_aside_for

MOST_REFRESHED = 300


@signed_in
@require_safe
def home(request: SignedIn) -> HttpResponse:
    """Take agents to their queue, managers and admins to the dashboard."""
    if request.user.leads:
        return redirect("dashboard")
    return redirect("inbox", queue=Queue.MINE)


@signed_in
@require_safe
def queue_page(request: SignedIn, queue: Queue) -> HttpResponse:
    """Show a queue; without JavaScript, from any place in it."""
    now = timezone.now()
    context = {**rail_context(request, queue, now), **_list_context(request, queue)}
    return render(request, "console/desk.html", context)


@signed_in
@require_safe
def rows(request: SignedIn, queue: Queue) -> HttpResponse:
    """Answer with rows alone: those shown now anew, or the next ones."""
    if not wants_part(request):
        return redirect("inbox", queue=queue)
    context = {"queue": queue, **_list_context(request, queue)}
    return render(request, "console/inbox/_rows.html", context)


@signed_in
@require_safe
def rail(request: SignedIn) -> HttpResponse:
    """Answer with the rail as it is now."""
    queue = chosen_queue(request)
    return render(request, "console/_rail.html", rail_context(request, queue, timezone.now()))


def rail_context(request: SignedIn, queue: Queue | None, now: datetime) -> dict[str, object]:
    """Return what the rail says."""
    return {
        "queue": queue,
        "counts": inbox.counts(request.user),
        "on_now": inbox.on_now(request.user, at=now),
        "set_aside": set_aside_for(request.user)[: inbox.MOST_COUNTED].count(),
        "may_take_next": inbox.may_take_next(request.user),
        "standing": _standing(request.user, now),
        "standings": Presence.Standing.choices,
    }


def _standing(user: User, now: datetime) -> str:
    presence = Presence.objects.filter(user=user).first()
    return Presence.Standing.OFF if presence is None else presence.standing(at=now)


def list_context(request: SignedIn, queue: Queue) -> dict[str, object]:
    """Return the first rows of a queue, for a page that opens elsewhere."""
    return {"page": inbox.page(request.user, queue)}


def chosen_queue(request: SignedIn) -> Queue | None:
    """Return the queue an address names, if it names one."""
    named = request.GET.get("queue", "")
    return Queue(named) if named in set(Queue) else None


def _list_context(request: SignedIn, queue: Queue) -> dict[str, object]:
    after = request.GET.get("after")
    try:
        place = Place.parse(after) if after else None
        shown = int(request.GET.get("shown", inbox.PAGE))
        opened = int(request.GET.get("open", 0))
    except ValueError as error:
        raise BadRequest("This address names no place in a queue.") from error
    limit = min(max(shown, inbox.PAGE), MOST_REFRESHED)
    return {
        "page": inbox.page(request.user, queue, after=place, limit=limit),
        "open_id": opened,
    }
