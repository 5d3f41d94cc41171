"""Coverage: whether the desk hears all that is said to it."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console import behind_tables
from apps.console.figures_form import OfChannelForm
from apps.console.views.access import SignedIn, signed_in
from apps.console.views.dashboard import more_of
from apps.reports import coverage
from apps.reports.behind_coverage import Heard, behind_coverage

HEADINGS = {
    Heard.HEARD: "Messages",
    Heard.LATE: "Came late",
    Heard.FOUND: "Found by asking",
    Heard.MISSING: "Found by asking, and still missing",
}


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show each channel, and what came late."""
    found = coverage.coverage(user=request.user, at=timezone.now())
    context = {
        "coverage": found,
        "days": coverage.DAYS,
        "late_minutes": int(coverage.LATE.total_seconds() / 60),
    }
    return render(request, "console/coverage/page.html", context)


@signed_in
@require_safe
def behind(request: SignedIn, heard: str) -> HttpResponse:
    """List the messages behind a figure of coverage, what came last first."""
    form = OfChannelForm(request.GET)
    if not form.is_valid():
        raise BadRequest("This address names no figure of coverage.")
    which, asked = Heard(heard), form.cleaned_data
    listed = behind_coverage(
        which,
        user=request.user,
        at=timezone.now(),
        channel_id=asked["channel"],
        after=asked["after"],
    )
    context = {
        "heading": HEADINGS[which],
        "days": coverage.DAYS,
        "listed": listed,
        "table": behind_tables.coverage(listed, which),
        "more": more_of(request, after=listed.next),
    }
    return render(request, "console/dashboard/listed.html", context)
