"""What is behind the dashboard's figures: the waits, the messages, and how they are counted."""

from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console import behind_tables
from apps.console.figures_form import BehindForm, PersonalForm, SaidForm, TileForm
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.models import Clock, Message
from apps.reports.behind import PAGE, Standing
from apps.reports.behind import behind as waits_behind
from apps.reports.behind_now import Tile, behind_now
from apps.reports.behind_personal import Told, behind_personal
from apps.reports.counted import RESPONSES, messages, waits
from apps.reports.personal import is_asked

HEADINGS = {
    Told.COMPARED: "Replies",
    Told.ALIKE: "Replies nearly like another",
    Told.ASKED_AGAIN: "Replies that asked for what was told before",
    Told.KEPT: "Promises kept",
    Told.BROKEN: "Promises broken",
}
NOW = {
    Tile.WAITING: "Waiting now",
    Tile.UNASSIGNED: "Waiting, unassigned",
    Tile.UNSEEN: "Came late, and nobody has looked yet",
    Tile.AT_RISK: "At risk",
    Tile.PAST_DUE: "Past promise, unanswered",
    Tile.ARRIVALS: "Came in, last 5 minutes",
    Tile.ANSWERS: "Went out, last 5 minutes",
    Tile.ANSWERED: "Waits that began today, answered",
    Tile.ASKED: "Waits that began today",
}


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
    kinds = RESPONSES if standing is Standing.WRITTEN else (shown.kind,)
    found = waits(shown.question, *kinds)
    try:
        listed = waits_behind(found, standing, at=shown.question.at, after=after)
    except Clock.DoesNotExist as error:
        raise Http404 from error
    context = {
        "shown": shown,
        "standing": standing,
        "has_ended": standing.has_ended,
        "period": shown.question.period,
        "listed": listed,
        "more": more_of(request, after=listed.next.pk if listed.next else None),
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
        "more": more_of(request, after=listed[PAGE - 1].pk if len(listed) > PAGE else None),
    }
    return render(request, "console/dashboard/said.html", context)


@signed_in
@require_safe
def told(request: SignedIn) -> HttpResponse:
    """List the replies or promises behind how personal the desk is, newest first."""
    form = PersonalForm(request.GET)
    shown = form.shown(user=request.user, at=timezone.now())
    if not form.is_valid() or not is_asked(shown.question):
        raise BadRequest("This address names no figure of the dashboard.")
    what = Told(form.cleaned_data["told"])
    listed = behind_personal(shown.question, what, after=form.cleaned_data["after"])
    context = {
        "heading": HEADINGS[what],
        "shown": shown,
        "period": shown.question.period,
        "listed": listed,
        "table": behind_tables.personal(listed, what, user=request.user),
        "more": more_of(request, after=listed.next),
    }
    return render(request, "console/dashboard/listed.html", context)


@signed_in
@require_safe
def tile(request: SignedIn, tile: str) -> HttpResponse:
    """List the conversations behind a figure of the wallboard, the oldest first."""
    form, at = TileForm(request.GET), timezone.now()
    if not form.is_valid():
        raise BadRequest("This address names no figure of the wallboard.")
    which, asked = Tile(tile), form.cleaned_data
    listed = behind_now(
        which, user=request.user, at=at, channel_id=asked["channel"], after=form.place
    )
    on = listed.next
    context = {
        "heading": NOW[which],
        "listed": listed,
        "table": behind_tables.now(listed, which, user=request.user, at=at),
        "more": more_of(
            request, after=on.id if on else None, since=on.at.isoformat() if on else None
        ),
    }
    return render(request, "console/dashboard/listed.html", context)


def more_of(request: SignedIn, **place: int | str | None) -> str:
    """Return the query of a list's next page, which goes on from a place; nothing at its end."""
    if None in place.values():
        return ""
    return "?" + urlencode({**request.GET.dict(), **place})
