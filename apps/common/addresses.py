"""Where a request comes from, behind as many proxies of our own as there are."""

from ipaddress import IPv6Address, ip_address
from typing import Protocol

from django.conf import settings


class Asked(Protocol):
    """A request of Django or of the API."""

    @property
    def META(self) -> dict[str, str]:  # noqa: N802 - Django's name
        """What the server tells of it."""


def address_of(request: Asked) -> str:
    """Return the caller's address: what the outermost proxy of our own saw.

    What stands before that in X-Forwarded-For anybody may write, and is not believed. Where our
    own proxies wrote no address, everybody counts as the nearest of them.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies: int = settings.TRUSTED_PROXIES
    seen = _plain(told[-proxies].strip()) if 0 < proxies <= len(told) else ""
    return seen or request.META.get("REMOTE_ADDR", "")


def _plain(written: str) -> str:
    """Return an address without its port, always spelt alike; nothing for what is none."""
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        found = ip_address(written)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
