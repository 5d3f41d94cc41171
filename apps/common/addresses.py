"""Where a request comes from, behind as many proxies of our own as there are."""

from typing import Protocol

from django.conf import settings


class Asked(Protocol):
    """A request of Django or of the API."""

    @property
    def META(self) -> dict[str, str]:  # noqa: N802 - Django's name
        """What the server tells of it."""


def address_of(request: Asked) -> str:
    """Return the caller's address: what the outermost proxy of our own saw.

    What stands before that in X-Forwarded-For anybody may write, and is not believed.
    """
    told = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies: int = settings.TRUSTED_PROXIES
    if proxies and len(told) >= proxies and told[-proxies]:
        return told[-proxies][:45]
    return request.META.get("REMOTE_ADDR", "")
