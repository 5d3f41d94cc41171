"""Settings of snippets: the facts that replies need again and again."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.agents.models import Team, User
from apps.common.errors import DeskError
from apps.console.settings_forms import SnippetForm
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.models import Snippet
from apps.conversations.operations.snippets import delete_snippet, may_keep, save_snippet
from apps.conversations.queries.snippets import kept_by


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """List the desk's snippets and those of this person's teams."""
    context = {
        "snippets": [(one, may_keep(request.user, one.team)) for one in kept_by(request.user)],
        "may_add": _teams(request.user).exists(),
    }
    return render(request, "console/snippets/list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Add a snippet to a team or, for an admin, to the whole desk."""
    if not _teams(request.user).exists():
        raise Http404
    return _edited(request, Snippet())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedIn, snippet_id: int) -> HttpResponse:
    """Change a snippet, for whoever keeps it."""
    return _edited(request, _kept(request, snippet_id))


@signed_in
@require_POST
def delete(request: SignedIn, snippet_id: int) -> HttpResponse:
    """Take a snippet away."""
    snippet = _kept(request, snippet_id)
    delete_snippet(snippet=snippet, by=request.user, at=timezone.now())
    messages.success(request, f"{snippet} is gone. Replies sent with it stay as they are.")
    return redirect("snippets")


def _edited(request: SignedIn, snippet: Snippet) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = SnippetForm(snippet, posted, teams=_teams(request.user), for_all=request.user.is_admin)
    if form.is_valid():
        try:
            save_snippet(snippet=form.changed(snippet), by=request.user, at=timezone.now())
        except DeskError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Saved. It is inserted by ;{snippet.name}.")
            return redirect("snippets")
    context = {"snippet": snippet, "form": form}
    status = 422 if form.errors else 200
    return render(request, "console/snippets/page.html", context, status=status)


def _kept(request: SignedIn, snippet_id: int) -> Snippet:
    """A snippet this person keeps; any other is as unknown as a missing one."""
    snippet = get_object_or_404(Snippet.objects.select_related("team"), id=snippet_id)
    if not may_keep(request.user, snippet.team):
        raise Http404
    return snippet


def _teams(user: User) -> QuerySet[Team]:
    """Teams whose snippets this person keeps."""
    if user.is_admin:
        return Team.objects.all()
    return user.teams.all() if user.role == User.Role.MANAGER else Team.objects.none()
