"""Who somebody is at the desk: role and teams, coming back, being signed out. Teams, too."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.agents.models import Team, User
from apps.agents.operations import (
    add_team,
    bring_back,
    drop_second_factor,
    place,
    remove_team,
    sign_out_everywhere,
)
from apps.common.errors import DeskError
from apps.console.people_forms import PlaceForm, TeamNameForm
from apps.console.views.access import SignedIn, confirmed, signed_in
from apps.conversations.operations import returning


@signed_in
@require_POST
@confirmed
def change_place(request: SignedIn, user_id: int) -> HttpResponse:
    """Give somebody another role or other teams."""
    someone = _known(request, user_id)
    form = PlaceForm(someone, request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a role, and teams that there are.")
        return redirect("person", user_id=user_id)
    now = timezone.now()
    try:
        place(user=someone, **form.cleaned_data, by=request.user, at=now)
    except DeskError as error:
        messages.error(request, str(error))
    else:
        returning.hand_back(at=now)
        messages.success(request, "Saved. It counts from now on, wherever they are signed in.")
    return redirect("person", user_id=user_id)


@signed_in
@require_POST
def return_person(request: SignedIn, user_id: int) -> HttpResponse:
    """Let somebody in again who was let go."""
    someone = _known(request, user_id)
    return _done(request, someone, bring_back, f"{someone.name} can sign in again.")


@signed_in
@require_POST
def sign_out(request: SignedIn, user_id: int) -> HttpResponse:
    """End every session of somebody."""
    someone = _known(request, user_id)
    return _done(request, someone, sign_out_everywhere, f"{someone.name} is signed out everywhere.")


@signed_in
@require_POST
@confirmed
def drop_factor(request: SignedIn, user_id: int) -> HttpResponse:
    """Take away the second factor of somebody who lost it."""
    someone = _known(request, user_id)
    done = f"{someone.first_name} signs in by password alone now, and can set up another one."
    return _done(request, someone, drop_second_factor, done)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: SignedIn) -> HttpResponse:
    """Make a team."""
    _must_be_admin(request)
    form = TeamNameForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = add_team(name=form.cleaned_data["name"], by=request.user, at=timezone.now())
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Made. Say how it works; people join it under their names.")
            return redirect("team", team_id=made.pk)
    status = 422 if form.errors else 200
    return render(request, "console/people/new_team.html", {"form": form}, status=status)


@signed_in
@require_POST
def drop_team(request: SignedIn, team_id: int) -> HttpResponse:
    """Remove a team that nothing belongs to any more."""
    _must_be_admin(request)
    team = get_object_or_404(Team, id=team_id)
    try:
        remove_team(team=team, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
        return redirect("team", team_id=team_id)
    messages.success(request, f"{team.name} is gone.")
    return redirect("people")


def _done(
    request: SignedIn, someone: User, operation: Callable[..., None], done: str
) -> HttpResponse:
    try:
        operation(user=someone, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("person", user_id=someone.pk)


def _known(request: SignedIn, user_id: int) -> User:
    _must_be_admin(request)
    return get_object_or_404(User, id=user_id)


def _must_be_admin(request: SignedIn) -> None:
    if not request.user.is_admin:
        raise Http404
