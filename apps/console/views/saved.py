"""The filters of a list, and the views people keep of it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.agents.models import Team
from apps.common.errors import DeskError
from apps.console import lists
from apps.console.filter_form import FilterForm
from apps.console.views.access import SignedIn, is_htmx, signed_in
from apps.conversations.models import SavedView
from apps.conversations.operations import keeping_views
from apps.conversations.queries.asking import Asked, Queue


@signed_in
@require_safe
def filters(request: SignedIn, queue: Queue) -> HttpResponse:
    """Show the filters of a list, and how to keep it as a view."""
    user = request.user
    listed = lists.listed(request, queue, user=user)
    context = {
        "queue": queue,
        "listed": listed,
        "form": FilterForm(listed.asked, user=user),
        "given": listed.asked.given().items(),
        "kept": listed.view is not None and listed.view.is_kept_by(user),
        "teams": [team for team in Team.objects.all() if user.manages(team)] if user.leads else [],
    }
    template = "console/inbox/_filters.html" if is_htmx(request) else "console/inbox/filters.html"
    return render(request, template, context)


@signed_in
@require_POST
def keep(request: SignedIn) -> HttpResponse:
    """Keep a list as a view."""
    try:
        asked = _asked(request)
        view = keeping_views.keep_view(
            name=request.POST.get("name", ""),
            queue=str(asked.queue),
            given=asked.given(),
            team=_team(request),
            by=request.user,
            at=timezone.now(),
        )
    except DeskError as error:
        messages.error(request, str(error))
        return redirect("home")
    return redirect(lists.view_address(view))


@signed_in
@require_POST
def change(request: SignedIn, view_id: int) -> HttpResponse:
    """Rename a view, share it, or let it show the list that is open."""
    view = get_object_or_404(SavedView.objects.seen_by(request.user), id=view_id)
    asked = _asked(request)
    try:
        keeping_views.change_view(
            view=view,
            name=request.POST.get("name", ""),
            queue=str(asked.queue),
            given=asked.given(),
            team=_team(request),
            by=request.user,
            at=timezone.now(),
        )
    except DeskError as error:
        messages.error(request, str(error))
    return redirect(lists.view_address(view))


@signed_in
@require_POST
def drop(request: SignedIn, view_id: int) -> HttpResponse:
    """Delete a view."""
    view = get_object_or_404(SavedView.objects.seen_by(request.user), id=view_id)
    try:
        keeping_views.drop_view(view=view, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
        return redirect(lists.view_address(view))
    return redirect("inbox", queue=Queue(view.queue))


def _asked(request: SignedIn) -> Asked:
    try:
        return Asked.parse(Queue(request.POST.get("queue", "")), request.POST.dict())
    except ValueError as error:
        raise BadRequest("This view names a filter that is not known.") from error


def _team(request: SignedIn) -> Team | None:
    """The team it is shared with; not the team it may be filtered by."""
    number = request.POST.get("share", "")
    return get_object_or_404(Team, id=int(number)) if number.isdecimal() else None
