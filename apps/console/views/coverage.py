"""Coverage: whether the desk hears all that is said to it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console.views.access import SignedIn, signed_in
from apps.reports import coverage


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
