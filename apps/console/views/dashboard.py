"""The dashboard: how it stands now, how a range of days went, and what is behind each figure."""

from datetime import datetime
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import User
from apps.channels.models import Channel
from apps.console.forms import BehindForm, RangeForm
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.models import Clock
from apps.reports import queries as reports
from apps.reports.behind import Standing
from apps.reports.behind import behind as waits_behind
from apps.reports.legs import legs
from apps.reports.periods import Period, zone
from apps.reports.resolutions import resolutions

PRESETS = (7, 30, 90)


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show the tiles, and response times by day, channel and person."""
    at = timezone.now()
    form = RangeForm(request.GET)
    period = form.period(at=at)
    context = {
        "form": form,
        "period": period,
        "presets": [(days, Period.of_days(days, at=at) == period) for days in PRESETS],
        "zone": zone(),
        "tiles": reports.now(user=request.user, at=at),
        "today": Period.of_days(1, at=at),
        "resolutions": resolutions(user=request.user, period=period, at=at),
        "legs": legs(user=request.user, period=period),
        "kinds": [_kind(request.user, period, kind, at) for kind in reports.RESPONSES],
    }
    return render(request, "console/dashboard/page.html", context)


@signed_in
@require_safe
def now(request: SignedIn) -> HttpResponse:
    """Answer with the tiles as they are at this moment."""
    at = timezone.now()
    context = {
        "tiles": reports.now(user=request.user, at=at),
        "today": Period.of_days(1, at=at),
    }
    return render(request, "console/dashboard/_now.html", context)


@signed_in
@require_safe
def behind(request: SignedIn) -> HttpResponse:
    """List the conversations behind a figure: the same waits, with their exact seconds."""
    form = BehindForm(request.GET)
    if not form.is_valid():
        raise BadRequest("This address names no figure of the dashboard.")
    asked = form.cleaned_data
    at = timezone.now()
    period = form.period(at=at)
    standing = Standing(asked["standing"])
    found = reports.waits(
        user=request.user,
        period=period,
        kind=asked["kind"],
        channel_id=asked["channel"],
        agent_id=asked["agent"],
    )
    try:
        listed = waits_behind(found, standing, at=at, after=asked["after"])
    except Clock.DoesNotExist as error:
        raise Http404 from error
    context = {
        "kind": Clock.Kind(asked["kind"]),
        "standing": standing,
        "period": period,
        "listed": listed,
        "of": _of_whom(request.user, asked["channel"], asked["agent"]),
        "more": _more(request, listed.next),
    }
    return render(request, "console/dashboard/behind.html", context)


def _kind(user: User, period: Period, kind: Clock.Kind, at: datetime) -> dict[str, object]:
    return {
        "kind": kind,
        "overall": reports.overall(user=user, period=period, kind=kind, at=at),
        "days": reports.by_day(user=user, period=period, kind=kind, at=at),
        "channels": reports.by_channel(user=user, period=period, kind=kind, at=at),
        "agents": reports.by_agent(user=user, period=period, kind=kind, at=at),
    }


def _of_whom(user: User, channel_id: int | None, agent_id: int | None) -> list[str]:
    channels = Channel.objects.answered_by(user).filter(id=channel_id or 0)
    agents = User.objects.filter(id=agent_id or 0)
    return [*(c.handle for c in channels), *(a.name for a in agents)]


def _more(request: SignedIn, last: Clock | None) -> str:
    if last is None:
        return ""
    return "?" + urlencode({**request.GET.dict(), "after": last.pk})
