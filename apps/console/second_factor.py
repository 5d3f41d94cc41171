"""Whoever owes a second factor is led to set it up, and reaches nothing else until then."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.console.views.access import is_htmx

# One's own sign-in stays open; the API says it in its own way, and Square is no part of the desk.
OPEN = ("/accounts/", "/api/", "/square/", "/healthz", "/readyz")

Answer = Callable[[HttpRequest], HttpResponse]


def second_factor_first(get_response: Answer) -> Answer:
    """Make the middleware; it comes after what tells who asks."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN) or not getattr(request.user, "owes_second_factor", False):
            return get_response(request)
        if "Desk-Background" in request.headers:
            return HttpResponse(status=401)
        response = redirect("mfa_index")
        if is_htmx(request):
            return HttpResponse(status=401, headers={"HX-Redirect": response.url})
        return response

    return answer
