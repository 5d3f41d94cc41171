"""What every page knows."""

from functools import cache, partial

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils import timezone

from apps.agents.models import User
from apps.conversations.queries.notifications import Unread, unread
from apps.webhooks import queries as webhooks


def desk(request: HttpRequest) -> dict[str, object]:
    """Return the desk's name, where its live stream is, its clock, and the chosen colours.

    What somebody was told is counted only for a page that shows it.
    """
    return {
        "desk_name": settings.DESK_NAME,
        "live_url": live_url(request),
        "now": timezone.now(),
        # Asked only where a page shows it, to admins.
        "failed_webhooks": webhooks.failed,
        "sign_in_service": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "theme": _theme(request),
        "unread": cache(partial(_unread, request)),
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


def _theme(request: HttpRequest) -> str:
    """What this person chose; before it is known who that is, what this browser showed last."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.theme)
    theme = request.COOKIES.get("theme", "")
    return theme if theme in User.Theme.values else ""


def _unread(request: HttpRequest) -> Unread:
    """A page that tells of an error may come before it is known who asks."""
    user = getattr(request, "user", None)
    return unread(user) if user is not None and user.is_authenticated else Unread(0, 0)
