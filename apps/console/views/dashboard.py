"""What is behind the dashboard's figures: the waits, the messages, and how they are counted."""

from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console.figures_form import BehindForm, SaidForm
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.models import Clock, Message
from apps.reports.behind import PAGE, Standing
from apps.reports.behind import behind as waits_behind
from apps.reports.counted import messages, waits


@signed_in
@require_safe
def behind(request: SignedIn) -> HttpResponse:
    """List the conversations behind a figure: the same waits, with their exact seconds."""
    form = BehindForm(request.GET)
    if not form.is_valid():
        raise BadRequest("This address names no figure of the dashboard.")
    shown = form.shown(user=request.user, at=timezone.now())
    standing = Standing(form.cleaned_data["standing"])
    after = form.cleaned_data["after"]
    found = waits(shown.question, shown.kind)
    try:
        listed = waits_behind(found, standing, at=shown.question.at, after=after)
    except Clock.DoesNotExist as error:
        raise Http404 from error
    context = {
        "shown": shown,
        "standing": standing,
        "period": shown.question.period,
        "listed": listed,
        "more": _more(request, listed.next.pk if listed.next else None),
    }
    return render(request, "console/dashboard/behind.html", context)


@signed_in
@require_safe
def said(request: SignedIn) -> HttpResponse:
    """List the messages behind a count, oldest first."""
    form = SaidForm(request.GET)
    if not form.is_valid():
        raise BadRequest("This address names no figure of the dashboard.")
    shown = form.shown(user=request.user, at=timezone.now())
    direction = Message.Direction(form.cleaned_data["direction"])
    found = messages(shown.question).filter(direction=direction)
    rows = found.select_related("conversation__identity", "channel", "author", "identity")
    after = form.cleaned_data["after"]
    if after is not None:
        rows = rows.filter(id__gt=after)
    listed = list(rows.order_by("id")[: PAGE + 1])
    context = {
        "shown": shown,
        "direction": direction,
        "period": shown.question.period,
        "count": found.count(),
        "messages_said": listed[:PAGE],
        "more": _more(request, listed[PAGE - 1].pk if len(listed) > PAGE else None),
    }
    return render(request, "console/dashboard/said.html", context)


def _more(request: SignedIn, last: int | None) -> str:
    if last is None:
        return ""
    return "?" + urlencode({**request.GET.dict(), "after": last})
