"""Settings of people and teams: what each can take, and how work finds them."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.agents.models import Invitation, Team, User
from apps.agents.operations import change_person, change_team, deactivate
from apps.channels.operations import require_skills
from apps.common.errors import DeskError
from apps.console.people_forms import PlaceForm
from apps.console.settings_forms import OwnLanguagesForm, TeamForm, of_person
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.operations import returning


@signed_in
@require_safe
def people(request: SignedIn) -> HttpResponse:
    """List colleagues: who they are and what each can take."""
    shown = User.objects.with_standing(at=timezone.now()).filter(
        id__in=User.objects.colleagues_of(request.user).values("id")
    )
    in_order = shown.order_by("-is_active", "name", "id").prefetch_related("teams")
    open_ones = Invitation.objects.open().decided_by(request.user) if request.user.leads else ()
    now = timezone.now()
    context = {
        "people": in_order,
        "teams": _teams(request.user),
        "invitations": [(one, one.has_expired(at=now)) for one in open_ones],
        "second_factor_roles": settings.SECOND_FACTOR_ROLES,
    }
    return render(request, "console/people/list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedIn, user_id: int) -> HttpResponse:
    """Show what somebody can take, and change it where one may."""
    someone = get_object_or_404(User.objects.colleagues_of(request.user), id=user_id)
    may_change = request.user.manages_person(someone)
    form = _person_form(request, someone, may_change=may_change)
    if request.method == "POST" and form is None:
        raise Http404
    if form is not None and form.is_valid():
        try:
            change_person(
                user=someone, changes=form.cleaned_data, by=request.user, at=timezone.now()
            )
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. It counts from the next conversation on.")
            return redirect("person", user_id=user_id)
    may_let_go = may_change and someone.is_active and someone.pk != request.user.pk
    context = {
        "someone": someone,
        "form": form,
        "may_let_go": may_let_go,
        "may_bring_back": request.user.is_admin and not someone.is_active,
        "place": PlaceForm(someone) if request.user.is_admin else None,
        "has_factor": request.user.is_admin and is_mfa_enabled(someone),
    }
    return render(request, "console/people/person.html", context, status=_status(form))


@signed_in
@require_POST
def let_go(request: SignedIn, user_id: int) -> HttpResponse:
    """Deactivate somebody; what waits with them goes back to the queue."""
    someone = get_object_or_404(User.objects.colleagues_of(request.user), id=user_id)
    if not request.user.manages_person(someone):
        raise Http404
    now = timezone.now()
    try:
        deactivate(user=someone, by=request.user, at=now)
        returning.hand_back(at=now)
    except DeskError as error:
        messages.error(request, str(error))
        return redirect("person", user_id=user_id)
    messages.success(request, f"{someone.name} can't sign in any more. Their work is given out.")
    return redirect("people")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: SignedIn, team_id: int) -> HttpResponse:
    """Show how a team works, and change it, for whoever manages it."""
    shown = get_object_or_404(_teams(request.user), id=team_id)
    posted = request.POST if request.method == "POST" else None
    form = TeamForm(shown, posted)
    if form.is_valid():
        try:
            _save_team(request, shown, form)
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. It counts from the next conversation on.")
            return redirect("team", team_id=team_id)
    context = {"team": shown, "form": form}
    return render(request, "console/settings/team.html", context, status=_status(form))


@transaction.atomic
def _save_team(request: SignedIn, team: Team, form: TeamForm) -> None:
    by, at = request.user, timezone.now()
    change_team(team=team, changes=form.changes(), by=by, at=at)
    for channel in form.channels:
        skills = form.cleaned_data[f"skills_{channel.pk}"]
        require_skills(channel=channel, skills=skills, by=by, at=at)


def _person_form(request: SignedIn, someone: User, *, may_change: bool) -> Form | None:
    posted = request.POST if request.method == "POST" else None
    if may_change:
        return of_person(someone, posted)
    if someone.pk == request.user.pk:
        return OwnLanguagesForm(posted, initial={"languages": someone.languages})
    return None


def _teams(user: User) -> QuerySet[Team]:
    """Teams this person decides about."""
    if user.is_admin:
        return Team.objects.all()
    return user.teams.all() if user.role == User.Role.MANAGER else Team.objects.none()


def _status(form: Form | None) -> int:
    return 422 if form is not None and form.errors else 200
