"""What every request is held to: JSON, and so many a minute."""

from typing import Any

from django.conf import settings
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.utils.mediatypes import media_type_matches

from apps.agents.models import User
from apps.api.access import caller
from apps.common.addresses import address_of
from apps.common.rates import Rate, Verdict, ask


def count(name: str, rate: Rate) -> Verdict:
    """Count a request of a caller, and say whether that is within the rate."""
    return ask(f"api {name}", rate)


def told(rate: Rate, verdict: Verdict) -> dict[str, str]:
    """Return the headers that tell how much of the rate is left."""
    return {
        "RateLimit-Policy": f'"api";q={rate.most};w={rate.seconds}',
        "RateLimit": f'"api";r={verdict.left}',
    }


class OnlyJson(BaseContentNegotiation):
    """Answers are JSON, whatever the caller would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        """Return what reads the body's type, or None."""
        types = ((p, media_type_matches(p.media_type, request.content_type)) for p in parsers)
        return next((parser for parser, fits in types if fits), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the one there is."""
        return renderers[0], renderers[0].media_type


class Throttle(BaseThrottle):
    """So many requests a minute a caller, with bursts as large as that."""

    verdict: Verdict | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this one is within the rate; what is left is told with the answer.

        Who is nobody yet is counted by where they call from.
        """
        rate = Rate.parse(settings.API_RATE)
        known = isinstance(request.user, User)
        name = caller(request) if known else f"from {address_of(request)}"
        self.verdict = view.verdict = count(name, rate)
        view.rate = rate
        return self.verdict.is_allowed

    def wait(self) -> float | None:
        """Return the seconds after which to go on."""
        return self.verdict.wait if self.verdict else None
