"""The desk's page: rail, list and conversation stand on it, and are refreshed one by one."""

from datetime import datetime

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import Presence
from apps.common.counting import counted_together
from apps.console import lists as lists_of
from apps.console.views.access import SignedIn, signed_in, wants_part
from apps.conversations.models import SavedView
from apps.conversations.operations import together
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Place, Queue
from apps.conversations.queries.notifications import Unread, unread_ids
from apps.intake.queries import set_aside_for
from apps.webhooks import queries as webhooks

MOST_REFRESHED = 300
MOST_VIEWS = 40


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
    context = desk_context(request, queue, now)
    return render(request, "console/desk.html", context)


@signed_in
@require_safe
def rows(request: SignedIn, queue: Queue) -> HttpResponse:
    """Answer with rows alone: those shown now anew, the next ones, or some by their ids."""
    if not wants_part(request):
        return redirect("inbox", queue=queue)
    context = {"queue": queue, **list_context(request, queue, timezone.now())}
    template = "console/inbox/_lines.html" if "ids" in request.GET else "console/inbox/_rows.html"
    return render(request, template, context)


@signed_in
@require_safe
def rail(request: SignedIn) -> HttpResponse:
    """Answer with the rail as it is now."""
    queue = chosen_queue(request)
    return render(request, "console/_rail.html", rail_context(request, queue, timezone.now()))


def desk_context(request: SignedIn, queue: Queue, now: datetime) -> dict[str, object]:
    """Return what rail and list say, of views that are read once for both."""
    seen = SavedView.objects.seen_by(request.user)
    return {
        **rail_context(request, queue, now, seen=seen),
        **list_context(request, queue, now, seen=seen),
    }


def rail_context(
    request: SignedIn,
    queue: Queue | None,
    now: datetime,
    *,
    seen: "QuerySet[SavedView] | None" = None,
) -> dict[str, object]:
    """Return what the rail says."""
    user = request.user
    seen = SavedView.objects.seen_by(user) if seen is None else seen
    views = [view for view in list(seen)[:MOST_VIEWS] if view.queue in set(Queue)]
    lists = {queue.replace("-", "_"): Asked(queue) for queue in Queue}
    lists |= {f"view{view.pk}": Asked.parse(Queue(view.queue), view.given) for view in views}
    told = unread_ids(user)
    counts = counted_together(
        {
            **inbox.to_count(user, lists, at=now),
            "set_aside": set_aside_for(user)[: inbox.MOST_COUNTED],
            "pulling_teams": inbox.pulling_teams(user)[:1],
            "unread": told,
            **({"failed_webhooks": webhooks.failed_subscriptions()} if user.is_admin else {}),
        },
        first={"newest_unread": told},
    )
    return {
        "queue": queue,
        "counts": counts,
        "views": [(v, lists_of.view_address(v), counts[f"view{v.pk}"]) for v in views],
        "view_id": request.GET.get("view", ""),
        "on_now": inbox.on_now(user, at=now),
        "failed_webhooks": counts.get("failed_webhooks", 0),
        "unread": Unread(counts["unread"], counts["newest_unread"]),
        "standing": user.standing(at=now),
        "standings": Presence.Standing.choices,
    }


def list_context(
    request: SignedIn,
    queue: Queue,
    now: datetime,
    *,
    seen: "QuerySet[SavedView] | None" = None,
) -> dict[str, object]:
    """Return the rows of a list that an address asks for, and its head."""
    after = request.GET.get("after")
    try:
        place = Place.parse(after) if after else None
        shown = int(request.GET.get("shown", inbox.PAGE))
        opened = int(request.GET.get("open", 0))
        only = (
            [int(number) for number in request.GET["ids"].split(",")[:MOST_REFRESHED]]
            if (request.GET.get("ids"))
            else None
        )
    except ValueError as error:
        raise BadRequest("This address names no place in a queue.") from error
    limit = min(max(shown, inbox.PAGE), MOST_REFRESHED)
    listed = lists_of.listed(request, queue, user=request.user, views=seen)
    page = inbox.page(request.user, listed.asked, at=now, after=place, limit=limit, only=only)
    shown_ids = [row.conversation.pk for row in page.rows]
    companies = together.companies(shown_ids, user=request.user)
    return {"listed": listed, "page": page, "open_id": opened, "companies": companies}


def chosen_queue(request: SignedIn) -> Queue | None:
    """Return the queue an address names, if it names one."""
    named = request.GET.get("queue", "")
    return Queue(named) if named in set(Queue) else None
