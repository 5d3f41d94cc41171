"""Opening hours: managers and admins decide about them, everybody reads what judges a clock."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.common.errors import DeskError
from apps.console.hours_form import HoursForm, for_new, of_version
from apps.console.views.access import SignedIn, signed_in
from apps.sla.models import BusinessHoursVersion
from apps.sla.operations import save_business_hours
from apps.sla.outlook import outlook
from apps.sla.queries import current_hours
from apps.sla.week import zones

DAYS_SHOWN = 14


@signed_in
@require_safe
def all_hours(request: SignedIn) -> HttpResponse:
    """List the desk's opening hours by name."""
    _must_lead(request)
    shown = [(version, of_version(version)) for version in current_hours()]
    return render(request, "console/hours/list.html", {"shown": shown})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_hours(request: SignedIn) -> HttpResponse:
    """Make hours under a new name."""
    _must_lead(request)
    return _form(request, None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: SignedIn, hours_id: int) -> HttpResponse:
    """Show saved hours with the days ahead, and change them."""
    _must_lead(request)
    return _form(request, get_object_or_404(current_hours(), business_hours=hours_id))


@signed_in
@require_safe
def version(request: SignedIn, hours_id: int, number: int) -> HttpResponse:
    """Show one version as it was saved: what the clocks that name it count by."""
    shown = get_object_or_404(
        BusinessHoursVersion.objects.select_related("business_hours", "saved_by"),
        business_hours=hours_id,
        version=number,
    )
    newest = shown.business_hours.versions.latest("version")
    context = {
        "shown": shown,
        "saved": of_version(shown),
        "is_newest": shown == newest,
        "others": range(newest.version, 0, -1),
        "days": _days_ahead(shown),
    }
    return render(request, "console/hours/version.html", context)


def _form(request: SignedIn, current: BusinessHoursVersion | None) -> HttpResponse:
    initial = of_version(current) if current else for_new(settings.TIME_ZONE)
    form = HoursForm(request.POST or None, initial=initial)
    if current:
        form.fields["name"].disabled = True
    if form.is_valid():
        try:
            saved = save_business_hours(
                name=form.cleaned_data["name"],
                definition=form.definition(),
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            )
        except DeskError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved. Below is when it is open in the next two weeks.")
            return redirect("hours", hours_id=saved.business_hours_id)
    context = {
        "form": form,
        "current": current,
        "days": _days_ahead(current),
        "zones": sorted(zones()),
    }
    status = 422 if form.errors else 200
    return render(request, "console/hours/page.html", context, status=status)


def _days_ahead(current: BusinessHoursVersion | None) -> list[object]:
    if current is None:
        return []
    calendar = current.calendar()
    today = timezone.now().astimezone(ZoneInfo(calendar.zone)).date()
    return [*outlook(calendar, first=today, days=DAYS_SHOWN)]


def _must_lead(request: SignedIn) -> None:
    if not request.user.leads:
        raise Http404
