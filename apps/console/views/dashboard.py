"""The dashboard: how it stands now, how a range of days went, and what is behind each figure."""

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
from apps.console.views.wall import tiles_context
from apps.conversations.models import Clock
from apps.reports import queries as reports
from apps.reports.behind import Standing
from apps.reports.behind import behind as waits_behind
from apps.reports.counted import RESPONSES, waits
from apps.reports.legs import legs
from apps.reports.periods import Period, zone
from apps.reports.questions import By, Filters, Question

PRESETS = (7, 30, 90)


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show the tiles, and response times by day, channel and person."""
    at = timezone.now()
    form = RangeForm(request.GET)
    period = form.period(at=at)
    question = Question(user=request.user, period=period, at=at)
    context = {
        "form": form,
        "period": period,
        "presets": [(days, Period.of_days(days, at=at) == period) for days in PRESETS],
        "zone": zone(),
        **tiles_context(request.user, at),
        "resolutions": reports.response_times(question, kind=Clock.Kind.RESOLUTION).total,
        "legs": legs(question),
        "kinds": [_kind(question, kind) for kind in RESPONSES],
    }
    return render(request, "console/dashboard/page.html", context)


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
    filters = Filters(channel_id=asked["channel"], agent_id=asked["agent"])
    question = Question(user=request.user, period=period, at=at, filters=filters)
    found = waits(question, Clock.Kind(asked["kind"]))
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


def _kind(question: Question, kind: Clock.Kind) -> dict[str, object]:
    by_day, by_channel, by_agent = (
        reports.response_times(question, kind=kind, by=by) for by in (By.DAY, By.CHANNEL, By.AGENT)
    )
    return {
        "kind": kind,
        "overall": by_day.total,
        "days": by_day.lines,
        "channels": by_channel.lines,
        "agents": [line for line in by_agent.lines if line.key is not None],
    }


def _of_whom(user: User, channel_id: int | None, agent_id: int | None) -> list[str]:
    channels = Channel.objects.answered_by(user).filter(id=channel_id or 0)
    agents = User.objects.filter(id=agent_id or 0)
    return [*(c.handle for c in channels), *(a.name for a in agents)]


def _more(request: SignedIn, last: Clock | None) -> str:
    if last is None:
        return ""
    return "?" + urlencode({**request.GET.dict(), "after": last.pk})
