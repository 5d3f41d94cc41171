"""Programs that may call the API, for admins; to everybody else these pages don't exist."""

from typing import Any

from allauth.idp.oidc.models import Client
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.agents.operations import programs as operations
from apps.common.errors import DeskError
from apps.console.program_form import ProgramForm
from apps.console.views.access import SignedIn, confirmed, for_admins, signed_in


@signed_in
@require_safe
@for_admins
def page(request: SignedIn) -> HttpResponse:
    """List who may call, as whom, what for, and when they last did."""
    shown = Client.objects.select_related("owner", "program").order_by("name", "id")
    return render(request, "console/programs/list.html", {"shown": shown})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@confirmed
def new(request: SignedIn) -> HttpResponse:
    """Let a program in; its secret is shown with the answer, and never again."""
    form = ProgramForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            client, secret = operations.add_client(
                **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            return _shown(request, client, _form_of(client), secret=secret)
    return _shown(request, None, form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@confirmed
def program(request: SignedIn, client_id: str) -> HttpResponse:
    """Show one, and let it do more or less."""
    client = _known(client_id)
    form = _form_of(client, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            operations.change_client(
                client=client, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. It needs a new token for what changed.")
            return redirect("program", client_id=client_id)
    return _shown(request, client, form)


@signed_in
@require_POST
@for_admins
@confirmed
def renew(request: SignedIn, client_id: str) -> HttpResponse:
    """Give it another secret, shown with the answer; the old one ends."""
    client = _known(client_id)
    secret = operations.renew_secret(client=client, by=request.user, at=timezone.now())
    return _shown(request, client, _form_of(client), secret=secret)


@signed_in
@require_POST
@for_admins
@confirmed
def remove(request: SignedIn, client_id: str) -> HttpResponse:
    """Let it in no more, at once."""
    client = _known(client_id)
    operations.remove_client(client=client, by=request.user, at=timezone.now())
    messages.success(request, f"{client.name} is let in no more.")
    return redirect("programs")


def _shown(request: SignedIn, client: Any, form: ProgramForm, *, secret: str = "") -> HttpResponse:
    context = {"client": client, "form": form, "secret": secret}
    status = 422 if form.errors else 200
    return render(request, "console/programs/page.html", context, status=status)


def _form_of(client: Any, data: Any = None) -> ProgramForm:
    said = {"name": client.name, "owner": client.owner_id, "scopes": client.get_scopes()}
    return ProgramForm(data, initial=said)


def _known(client_id: str) -> Any:
    return get_object_or_404(Client.objects.select_related("owner", "program"), id=client_id)
