"""What every page knows."""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils import timezone

THEMES = ("light", "dark")


def desk(request: HttpRequest) -> dict[str, object]:
    """Return the desk's name, where its live stream is, its clock, and the chosen colours."""
    theme = request.COOKIES.get("theme", "")
    return {
        "desk_name": settings.DESK_NAME,
        "live_url": live_url(request),
        "now": timezone.now(),
        "theme": theme if theme in THEMES else "",
    }


def live_url(request: HttpRequest) -> str:
    """Return the live stream's address as this browser reaches it."""
    if settings.LIVE_URL:
        return settings.LIVE_URL
    try:
        host = request.get_host().rsplit(":", 1)[0]
    except DisallowedHost:  # the page that says so still has to be drawn
        return ""
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}/live"
