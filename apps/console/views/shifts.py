"""Shifts: a team's week, and its planning for whoever manages it."""

from datetime import date, timedelta
from zoneinfo import available_timezones

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.agents.models import Membership, Shift, Team, User
from apps.agents.operations import copy_last_week, move, plan, take_out
from apps.agents.queries import team_week
from apps.common.errors import DeskError
from apps.console.shift_forms import NewShiftForm, ShiftForm, desk_zone, week_of
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.operations import returning

WEEK = timedelta(days=7)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedIn) -> HttpResponse:
    """Show who of a team is on when; whoever manages somebody in it plans there."""
    team, monday = _asked(request)
    people = _planned_by(request.user, team)
    posted = request.POST if request.method == "POST" else None
    if posted is not None and not people.exists():
        raise Http404
    today = timezone.localdate()
    form = NewShiftForm(people, day=max(today, monday), data=posted)
    if form.is_valid() and _plan(request, form):
        return redirect(_address(team, week_of("", today=form.cleaned_data["day"])))
    context = {
        "form": form,
        "may_plan": people.exists(),
        "may_copy": request.user.manages(team),
        "planned": set(people.values_list("id", flat=True)),
        "team": team,
        "teams": _teams(request.user),
        "monday": monday,
        "days": [monday + timedelta(days=day) for day in range(7)],
        "today": today,
        "week": _week(monday),
        "before": _address(team, monday - WEEK),
        "after": _address(team, monday + WEEK),
        "present": _address(team, week_of("", today=today)),
        "rows": team_week(team, monday, zone=desk_zone(), at=timezone.now()),
        "zone": str(desk_zone()),
        "zones": sorted(available_timezones()),
    }
    status = 422 if form.errors else 200
    return render(request, "console/shifts/page.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: SignedIn, shift_id: int) -> HttpResponse:
    """Show one shift, and give it other times."""
    found = _own_to_plan(request, shift_id)
    posted = request.POST if request.method == "POST" else None
    form = ShiftForm(found, at=timezone.now(), data=posted)
    if form.is_valid():
        now = timezone.now()
        try:
            move(shift=found, to=form.span(), by=request.user, at=now)
            returning.hand_back(at=now)
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{found.user.first_name}’s shift is changed.")
            return redirect(_back(found))
    context = {"form": form, "shift": found, "zone": str(desk_zone()), "back": _back(found)}
    context["has_begun"] = found.starts_at <= timezone.now()
    status = 422 if form.errors else 200
    return render(request, "console/shifts/shift.html", context, status=status)


@signed_in
@require_POST
def remove(request: SignedIn, shift_id: int) -> HttpResponse:
    """Take a shift out of the plan; one that has begun ends now, and its work is given out."""
    found = _own_to_plan(request, shift_id)
    now = timezone.now()
    try:
        take_out(shift=found, by=request.user, at=now)
        returning.hand_back(at=now)
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found.user.first_name}’s shift is taken out.")
    return redirect(_back(found))


@signed_in
@require_POST
def copy(request: SignedIn) -> HttpResponse:
    """Plan a week as the week before was."""
    team, monday = _asked(request)
    try:
        copied = copy_last_week(
            team=team, monday=monday, zone=desk_zone(), by=request.user, at=timezone.now()
        )
    except DeskError as error:
        messages.error(request, str(error))
    else:
        plural = "" if copied == 1 else "s"
        messages.success(request, f"{copied} shift{plural} of the week before copied.")
    return redirect(_address(team, monday))


def _plan(request: SignedIn, form: NewShiftForm) -> bool:
    try:
        plan(
            user=form.cleaned_data["person"],
            spans=form.spans(),
            by=request.user,
            at=timezone.now(),
        )
    except (DeskError, ValueError) as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"{form.cleaned_data['person'].first_name} is on then.")
    return True


def _asked(request: SignedIn) -> tuple[Team, date]:
    """The team and the week of an address; without any, one's own team and this week."""
    teams = _teams(request.user)
    named = request.GET.get("team", "")
    if named and not named.isdecimal():
        raise BadRequest("This address names no team.")
    team = get_object_or_404(teams, id=int(named)) if named else teams.first()
    if team is None:
        raise Http404
    try:
        return team, week_of(request.GET.get("week", ""), today=timezone.localdate())
    except ValueError as error:
        raise BadRequest("Name a week as in 2026-W48.") from error


def _teams(user: User) -> QuerySet[Team]:
    return Team.objects.all() if user.is_admin else user.teams.all()


def _planned_by(user: User, team: Team) -> QuerySet[User]:
    """Those of a team about whom this person decides, as `User.manages_person` says."""
    people: QuerySet[User] = User.objects.filter(
        id__in=Membership.objects.filter(team=team).values("user"), is_active=True
    )
    if user.is_admin:
        return people
    if not user.manages(team):
        return people.none()
    return people.filter(role=User.Role.AGENT) | people.filter(id=user.pk)


def _own_to_plan(request: SignedIn, shift_id: int) -> Shift:
    found = get_object_or_404(Shift.objects.select_related("user"), id=shift_id)
    if not request.user.manages_person(found.user):
        raise Http404
    return found


def _back(shift: Shift) -> str:
    """The week of a shift, in a team of its person's."""
    team = shift.user.teams.first()
    day = timezone.localdate(max(shift.starts_at, timezone.now()))
    return _address(team, week_of("", today=day)) if team else reverse("shifts")


def _address(team: Team, monday: date) -> str:
    return f"{reverse('shifts')}?team={team.pk}&week={_week(monday)}"


def _week(monday: date) -> str:
    return f"{monday:%G-W%V}"
