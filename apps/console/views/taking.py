"""Taking the next conversation, and keeping what would go back."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.common.errors import DeskError
from apps.console.views.access import SignedIn, is_htmx, readable_conversation, signed_in
from apps.console.views.conversation import conversation_context
from apps.conversations.operations import assigning
from apps.conversations.queries.asking import Queue

ACTED = json.dumps({"desk:acted": {"target": "body"}})


@signed_in
@require_POST
def take_next(request: SignedIn) -> HttpResponse:
    """Take whatever is due first and open it."""
    now = timezone.now()
    try:
        taken = assigning.take_next(by=request.user, at=now)
    except DeskError as error:
        return _nothing(request, error)
    address = f"{reverse('conversation', args=[taken.pk])}?queue={Queue.MINE}"
    if not is_htmx(request):
        return redirect(address)
    conversation = readable_conversation(request, taken.pk)
    context = conversation_context(request, conversation, now=now) | {"queue": Queue.MINE}
    response = render(request, "console/conversation/_open.html", context)
    response["HX-Push-Url"] = address
    response["HX-Trigger"] = ACTED
    return response


@signed_in
@require_POST
def keep(request: SignedIn) -> HttpResponse:
    """Keep everything of one's own that would go back unopened."""
    assigning.keep(by=request.user, at=timezone.now())
    if not is_htmx(request):
        return redirect("inbox", queue=Queue.MINE)
    return HttpResponse(status=204, headers={"HX-Trigger": ACTED})


def _nothing(request: SignedIn, error: DeskError) -> HttpResponse:
    """Say so beside whatever is open, which stays."""
    if not is_htmx(request):
        messages.error(request, str(error))
        return redirect("inbox", queue=Queue.MINE)
    context = {"text": str(error)}
    response = render(request, "console/_toast.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
    return response
