"""Invitations: sent, sent again, taken back, and accepted by whoever holds the link."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from apps.agents import letters
from apps.agents.models import Invitation, Team, User
from apps.agents.operations import accept as accept_invitation
from apps.agents.operations import inviting
from apps.common.errors import DeskError
from apps.console.people_forms import InviteForm, WelcomeForm
from apps.console.views.access import SignedIn, confirmed, signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def invite(request: SignedIn) -> HttpResponse:
    """Invite somebody by e-mail, with a role and teams."""
    if not request.user.leads:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = InviteForm(posted, teams=_teams(request.user), roles=_roles(request.user))
    if form.is_valid():
        now = timezone.now()
        try:
            invitation, key = inviting.invite(**form.cleaned_data, by=request.user, at=now)
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            _send(request, invitation, key)
            return redirect("people")
    context = {"form": form, "days": settings.INVITATION_DAYS}
    status = 422 if form.errors else 200
    return render(request, "console/people/invite.html", context, status=status)


@signed_in
@require_POST
def renew(request: SignedIn, invitation_id: int) -> HttpResponse:
    """Send it again, with a new link; the old one ends."""
    invitation = _theirs(request, invitation_id)
    try:
        key = inviting.renew(invitation=invitation, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    else:
        _send(request, Invitation.objects.get(id=invitation.pk), key)
    return redirect("people")


@signed_in
@require_POST
def withdraw(request: SignedIn, invitation_id: int) -> HttpResponse:
    """Take it back: its link opens nothing any more."""
    invitation = _theirs(request, invitation_id)
    try:
        inviting.withdraw(invitation=invitation, by=request.user, at=timezone.now())
    except DeskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Taken back: the link sent to {invitation.email} opens nothing.")
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """Let whoever was invited say who they are, and in."""
    response = _welcome(request, key)
    add_never_cache_headers(response)
    return response


def _welcome(request: HttpRequest, key: str) -> HttpResponse:
    now = timezone.now()
    try:
        invitation = inviting.opened_by(key, at=now)
    except DeskError as error:
        return render(request, "console/people/no_invitation.html", {"why": error}, status=404)
    if request.user.is_authenticated:
        return render(request, "console/people/somebody_else.html")
    form = WelcomeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            user = accept_invitation(
                invitation=invitation, name=said["name"], password=said["password"], at=now
            )
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            return _signed_in(request, user)
    context = {"form": form, "invitation": invitation}
    status = 422 if form.errors else 200
    return render(request, "console/people/welcome.html", context, status=status)


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    response: HttpResponse = perform_login(request, user)
    return response


def _send(request: SignedIn, invitation: Invitation, key: str) -> None:
    address = settings.DESK_URL + reverse("accept", args=[key])
    if letters.send_invitation(invitation=invitation, address=address, at=timezone.now()):
        if letters.go_nowhere():
            messages.warning(
                request,
                f"This desk has no mail server yet. Hand {invitation.email} this link: {address}",
            )
        else:
            messages.success(request, f"A letter with a link is on its way to {invitation.email}.")
        return
    messages.error(
        request,
        f"The mail server did not take the letter to {invitation.email}. Send it again later, "
        "or have EMAIL_URL looked at.",
    )


def _theirs(request: SignedIn, invitation_id: int) -> Invitation:
    if not request.user.leads:
        raise Http404
    return get_object_or_404(Invitation.objects.open().decided_by(request.user), id=invitation_id)


def _teams(user: User) -> QuerySet[Team]:
    return Team.objects.all() if user.is_admin else user.teams.all()


def _roles(user: User) -> list[tuple[str, str]]:
    choices = [(str(value), str(label)) for value, label in User.Role.choices]
    return choices if user.is_admin else choices[:1]
