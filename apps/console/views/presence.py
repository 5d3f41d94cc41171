"""Being there: what a person chooses, and that somebody saw them."""

import json

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.agents.models import Presence
from apps.agents.operations import choose, note_seen
from apps.console.views.access import SignedIn, is_htmx, signed_in
from apps.console.views.desk import chosen_queue, rail_context
from apps.conversations.operations import returning


@signed_in
@require_POST
def change(request: SignedIn) -> HttpResponse:
    """Set this person on, away or off; going off gives what waits with them to others."""
    standing = request.POST.get("standing", "")
    if standing not in Presence.Standing.values:
        raise BadRequest("Choose on, away or off.")
    now = timezone.now()
    choose(user=request.user, standing=Presence.Standing(standing), at=now)
    if standing == Presence.Standing.OFF:
        returning.hand_back(at=now)
    if not is_htmx(request):
        return redirect("home")
    context = rail_context(request, chosen_queue(request), now)
    response = render(request, "console/_rail.html", context)
    response["HX-Trigger"] = json.dumps({"desk:acted": {"target": "body"}})
    return response


@signed_in
@require_POST
def seen(request: SignedIn) -> HttpResponse:
    """Note that this person touched something; there is nothing to show."""
    note_seen(user=request.user, at=timezone.now())
    return HttpResponse(status=204)
