"""Whose pages may listen: the desk's own, and no other site's."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

Origin = tuple[str, str, int | None]

DEFAULT_PORTS = {"http": 80, "https": 443}
OWN_SITES = {"", "none", "same-origin", "same-site"}


def known_host(host: str) -> bool:
    """Whether the request was meant for this desk (else a foreign name may point here)."""
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def allowed(origin: str, *, host: str, fetch_site: str) -> bool:
    """Whether a page of this origin, reaching us as `host`, may listen.

    Browsers leave the origin out when page and stream share it; `fetch_site` (Sec-Fetch-Site,
    empty from other programs) then tells whether it was left out for that reason.
    """
    if not origin:
        return fetch_site in OWN_SITES
    page = _parts(origin)
    if page in {_parts(settings.DESK_URL), _desk_beside(host)}:
        return True
    return any(_matches(page, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS)


def _desk_beside(host: str) -> Origin:
    """Return where the web pages are when the stream was reached as `host`."""
    return ("http", split_domain_port(host)[0], settings.PORT)


def _matches(page: Origin, trusted: str) -> bool:
    """Whether a trusted origin, perhaps `https://*.example.com`, covers the page."""
    scheme, name, port = _parts(trusted.replace("://*.", "://."))
    return (page[0], page[2]) == (scheme, port) and is_same_domain(page[1], name)


def _parts(origin: str) -> Origin:
    try:
        url = urlsplit(origin)
        port = url.port or DEFAULT_PORTS.get(url.scheme)
    except ValueError:
        return ("", "", None)
    name = url.hostname or ""
    return (url.scheme, f"[{name}]" if ":" in name else name, port)
