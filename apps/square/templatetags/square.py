"""How Square shows texts."""

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apps.square.rules import LONGEST_HANDLE, MENTION

register = template.Library()


@register.filter
def spoken(text: str) -> SafeString:
    """Escape a text and link the people it speaks to.

    `<bdi>` keeps a leading @handle from deciding in which direction the text runs.
    """
    shown: list[str] = []
    position = 0
    for mention in MENTION.finditer(text):
        if len(mention[1]) > LONGEST_HANDLE:
            continue
        link = reverse("square:person", args=[mention[1]])
        shown.append(conditional_escape(text[position : mention.start()]))
        shown.append(format_html('<bdi><a href="{}">@{}</a></bdi>', link, mention[1]))
        position = mention.end()
    shown.append(conditional_escape(text[position:]))
    return mark_safe("".join(shown))  # noqa: S308 - every part is escaped above
