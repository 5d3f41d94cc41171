"""Where programs get their tokens; guessing a secret costs the desk time, so not too often."""

from http import HTTPStatus
from math import ceil

from allauth.idp.oidc.views import token as oauth_token
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.common.addresses import address_of
from apps.common.rates import Rate, ask


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Answer as OAuth 2 has it, or with 429 where one address asks too often."""
    verdict = ask(f"token {address_of(request)}", Rate.parse(settings.TOKEN_RATE))
    if not verdict.is_allowed:
        detail = "Too many tokens were asked for. One is good for an hour: keep it."
        return JsonResponse(
            {"status": 429, "title": HTTPStatus(429).phrase, "detail": detail},
            status=429,
            headers={"Retry-After": str(ceil(verdict.wait))},
            content_type="application/problem+json",
        )
    answer: HttpResponse = oauth_token(request)
    return answer
