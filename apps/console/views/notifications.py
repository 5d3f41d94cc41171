"""What somebody was told: the list, and what came while a page was open."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.console.views.access import SignedIn, signed_in, wants_part
from apps.conversations.operations.notifying import note_read
from apps.conversations.queries import notifications


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """List what this person was told, the newest first."""
    context = {"page": notifications.page(request.user, before=_number(request, "before"))}
    if wants_part(request):
        return render(request, "console/notifications/_list.html", context)
    return render(request, "console/notifications/page.html", context)


@signed_in
@require_safe
def news(request: SignedIn) -> HttpResponse:
    """Answer with what came after the newest that the open page knows, and the bell's count."""
    if not wants_part(request):
        return redirect("notifications")
    told = notifications.news(request.user, after=_number(request, "after") or 0)
    return render(request, "console/notifications/_news.html", {"news": told})


@signed_in
@require_POST
def read(request: SignedIn) -> HttpResponse:
    """Note that all of it was read."""
    note_read(by=request.user, at=timezone.now())
    return redirect("notifications")


def _number(request: SignedIn, name: str) -> int | None:
    given = request.GET.get(name, "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise BadRequest("This address names no place in the list.")
    return int(given) if given else None
