"""Where somebody is signed in, and signing out there."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.agents.operations import end_other_sessions, end_session
from apps.console.views.access import SignedIn, signed_in


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """List one's own sessions, this one first."""
    listed = UserSession.objects.purge_and_list(request.user)
    here = request.session.session_key
    listed.sort(key=lambda one: (one.session_key != here, -one.created_at.timestamp()))
    context = {"sessions": [(one, one.session_key == here) for one in listed]}
    return render(request, "console/settings/sessions.html", context)


@signed_in
@require_POST
def end(request: SignedIn, session_id: int) -> HttpResponse:
    """Sign out in one place."""
    theirs = get_object_or_404(UserSession, id=session_id, user=request.user)
    end_session(session=theirs, by=request.user, at=timezone.now())
    messages.success(request, "Signed out there.")
    return redirect("sessions")


@signed_in
@require_POST
def end_others(request: SignedIn) -> HttpResponse:
    """Sign out everywhere but here."""
    here = request.session.session_key or ""
    end_other_sessions(but=here, by=request.user, at=timezone.now())
    messages.success(request, "Signed out everywhere else.")
    return redirect("sessions")
