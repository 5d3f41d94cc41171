"""What could not be taken in: listed with its reason, and tried again by a person."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.console.views.access import SignedIn, signed_in
from apps.intake import operations
from apps.intake.models import SetAside
from apps.intake.queries import set_aside_for

SHOWN = 100
EXCERPT_BYTES = 2000


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """List what waits for a person, oldest first."""
    waiting = set_aside_for(request.user)
    context = {
        "items": [(item, _excerpt(item)) for item in waiting[:SHOWN]],
        "count": waiting.count(),
    }
    return render(request, "console/set_aside/page.html", context)


@signed_in
@require_POST
def retry(request: SignedIn, set_aside_id: int) -> HttpResponse:
    """Try one item again and say how it went."""
    item = get_object_or_404(set_aside_for(request.user), id=set_aside_id)
    if operations.retry(set_aside=item, by=request.user, at=timezone.now()):
        messages.success(request, "Taken in. It is in its conversation now.")
    else:
        messages.error(request, "It could not be taken in again; the reason is shown with it.")
    return redirect("set_aside")


def _excerpt(item: SetAside) -> str:
    """The beginning of the raw body: data to look at, never markup."""
    return bytes(item.delivery.body)[:EXCERPT_BYTES].decode("utf-8", errors="replace")
