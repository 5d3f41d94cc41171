"""One's own settings."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.agents.models import User
from apps.agents.operations import change_oneself
from apps.common.errors import DeskError
from apps.console.own_form import OwnForm
from apps.console.views.access import SignedIn, signed_in

YEAR = 60 * 60 * 24 * 365


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedIn) -> HttpResponse:
    """Show what somebody says of themselves, and change it."""
    form = OwnForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change_oneself(changes=form.changes(), by=request.user, at=timezone.now())
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved.")
            response = redirect("me")
            _remember(response, form.cleaned_data["theme"])
            return response
    context = {
        "form": form,
        "letters_go_nowhere": settings.EMAIL_BACKEND.endswith("console.EmailBackend"),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "console/settings/me.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def theme(request: SignedIn) -> HttpResponse:
    """Keep the colours that somebody switched to; there is nothing to show."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme.values:
        raise BadRequest("Choose light or dark.")
    change_oneself(changes={"theme": chosen}, by=request.user, at=timezone.now())
    return HttpResponse(status=204)


def _remember(response: HttpResponse, theme: str) -> None:
    """So that signing in looks as the desk does."""
    if theme:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax")
    else:
        response.delete_cookie("theme")
