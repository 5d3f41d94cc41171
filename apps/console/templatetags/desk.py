"""The words templates use: icons, people, times."""

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.console import spelling

register = template.Library()

register.filter("duration", spelling.duration)
register.filter("day", spelling.day)
register.filter("brief_instant", spelling.brief_instant)
register.filter("full_instant", spelling.full_instant)
register.filter("initials", spelling.initials)
register.filter("hue", spelling.hue)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("console/icons/icons.svg"),
        name,
    )


@register.simple_tag
def wait(since: datetime, now: datetime, due: datetime | None = None) -> SafeString:
    """Show a running wait; `clocks.js` goes on counting from the instants."""
    shown = _shown(since, now, due)
    return format_html(
        '<time class="wait{}" datetime="{}" data-since="{}" data-due="{}" title="Waiting since {}">'
        "{}</time>",
        _standing(since, now, due),
        since.isoformat(),
        since.isoformat(),
        due.isoformat() if due else "",
        spelling.full_instant(since),
        shown,
    )


@register.simple_tag
def instant(at: datetime, shown: str) -> SafeString:
    """Show an instant in few words, in full when pointed at."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        spelling.full_instant(at),
        shown,
    )


def _shown(since: datetime, now: datetime, due: datetime | None) -> str:
    if due is None:
        return spelling.running((now - since).total_seconds())
    left = (due - now).total_seconds()
    return spelling.running(left) if left >= 0 else f"−{spelling.running(-left)}"


def _standing(since: datetime, now: datetime, due: datetime | None) -> str:
    """Without a promise nothing is late."""
    if due is None:
        return ""
    if now >= due:
        return " late"
    return " soon" if now - since >= (due - since) / 2 else " calm"
