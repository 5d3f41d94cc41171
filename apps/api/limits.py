"""What every request is held to: JSON, and so many a minute."""

from typing import Any

from django.conf import settings
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.utils.mediatypes import media_type_matches

from apps.agents.models import User
from apps.api.access import caller


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


class Throttle(SimpleRateThrottle):
    """So many requests a minute a caller; without Redis each process counts for itself."""

    scope = "api"
    rate = settings.API_RATE

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by who calls; who is nobody yet is counted by where they call from."""
        known = isinstance(request.user, User)
        ident = caller(request) if known else self.get_ident(request)
        return f"api-rate:{ident}".replace(" ", "-")

    def wait(self) -> float:
        """Return the seconds after which to go on."""
        return super().wait() or 60.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this one is within the rate; what is left is told with the answer."""
        limit = int(getattr(self, "num_requests", None) or 0)
        allowed: bool = super().allow_request(request, view)
        view.rate_left = max(0, limit - len(getattr(self, "history", [])))
        view.rate_limit = limit
        return allowed
