"""The short way to the webhook, past what only pages need."""

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, resolve

HOOKS = "/hooks/"

Answer = Callable[[HttpRequest], HttpResponseBase]


@lru_cache(maxsize=1000)
def _there(path: str) -> ResolverMatch:
    """Return what answers there; the same few addresses are asked for in a storm."""
    return resolve(path)


def straight_to_intake(answer: Answer) -> Answer:
    """Spare webhooks sessions, forms' tokens, messages, pages' headers: half of what they cost.

    What stands before this in MIDDLEWARE holds for them too.
    """

    def go(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(HOOKS):
            return answer(request)
        there = _there(request.path_info)
        response: HttpResponseBase = there.func(request, *there.args, **there.kwargs)
        return response

    return go
