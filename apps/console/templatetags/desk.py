"""The words templates use: icons, people, times."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from math import ceil

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.agents.queries import Part
from apps.console import policy_wording, spelling, wording
from apps.conversations.models import Clock, Conversation
from apps.conversations.queries.memory import Line
from apps.customers.patterns import Kind
from apps.labels.models import Flag, Label, Priority

register = template.Library()

BARS = 6
DOT = SafeString("<i></i>")
FACTS = {
    Kind.ORDER: "number",
    Kind.DEVICE: "device",
    Kind.PLACE: "place",
    Kind.EMAIL: "e-mail",
    Kind.PHONE: "phone",
    Kind.LINK: "link",
    Kind.HANDLE: "handle",
}

register.filter("duration", spelling.duration)
register.filter("day", spelling.day)
register.filter("brief_instant", spelling.brief_instant)
register.filter("coming_instant", spelling.coming_instant)
register.filter("clock_instant", spelling.clock_instant)
register.filter("full_instant", spelling.full_instant)
register.filter("browser", spelling.browser)
register.filter("initials", spelling.initials)
register.filter("hue", spelling.hue)
register.filter("leg", wording.leg)
register.filter("told", wording.told)
register.filter("health", wording.health)
register.filter("health_means", wording.health_means)
register.filter("until_due", spelling.until)
register.filter("conditions", policy_wording.conditions)
register.filter("promises", policy_wording.promises)


@register.filter
def hours(part: Part) -> str:
    """Say which hours of its day a part of a shift fills."""
    return spelling.hours_of_day(part.begins, part.ends, is_open=part.shift.ends_at is None)


@register.filter
def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 11th."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


@register.filter
def under(found: Mapping[int, object], key: int) -> object:
    """Look up what stands under a key; nothing where there is none, or no such mapping."""
    return found.get(key) if found else None


@register.filter
def at_most_99(number: int) -> str:
    """A count as a badge shows it: 7, or 99+ for all that is more."""
    return str(number) if number <= 99 else "99+"


@register.filter
def bars(load: int, capacity: int) -> list[bool]:
    """Return six bars, as many of them full as the load fills of the capacity."""
    full = ceil(BARS * load / capacity) if capacity else BARS
    return [bar < full for bar in range(BARS)]


@register.filter
def duration_or_dash(seconds: float | None) -> str:
    """Spell a measured time, or a dash where nothing was measured."""
    return "–" if seconds is None else spelling.duration(seconds)


@register.filter
def seconds_until(instant: datetime, now: datetime) -> int:
    """Count the whole seconds that are left, never fewer than none."""
    return max(0, ceil((instant - now).total_seconds()))


@register.filter
def seconds(measured: float | None) -> str:
    """Write exact seconds, with thousands set apart: 12,345.6."""
    return "–" if measured is None else f"{measured:,.3f}".rstrip("0").rstrip(".")


@register.filter
def share(part: int, whole: int) -> str:
    """Write a share in per cent with one decimal."""
    return f"{100 * part / whole:.1f}" if whole else "–"


@register.filter
def percent(part: float) -> str:
    """Write a share from 0 to 1 in per cent with one decimal."""
    return f"{100 * part:.1f}"


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("console/icons/icons.svg"),
        name,
    )


@register.simple_tag
def label(field: BoundField) -> SafeString:
    """Write a field's label, without the colon that Django puts behind it."""
    return field.label_tag(label_suffix="")


@register.simple_tag
def mark(label: Label) -> SafeString:
    """Show a tag or a flag in its colour."""
    return format_html(
        '<span class="mark" data-colour="{}">{}<bdi class="clip">{}</bdi></span>',
        label.colour,
        icon("flag") if isinstance(label, Flag) else DOT,
        label.name,
    )


@register.simple_tag
def priority(conversation: Conversation) -> SafeString:
    """Show a priority that is not the usual one."""
    if conversation.priority == Priority.NORMAL:
        return SafeString("")
    return format_html(
        '<span class="mark priority {}">{}{}</span>',
        conversation.priority,
        icon("arrow-down" if conversation.priority == Priority.LOW else "arrow-up"),
        conversation.get_priority_display(),
    )


@register.simple_tag
def wait(since: datetime, now: datetime, clock: Clock | None = None) -> SafeString:
    """Show a running wait, and when an answer is due; `clocks.js` goes on counting."""
    due = clock.due_at if clock else None
    return format_html(
        '<time class="wait{}" datetime="{}" data-since="{}" data-due="{}" data-promised'
        ' title="{}">{}</time>',
        _standing(since, now, due),
        (due or since).isoformat(),
        since.isoformat(),
        due.isoformat() if due else "",
        wording.waits(since, clock),
        spelling.until(due, now) if due else spelling.running((now - since).total_seconds()),
    )


@register.simple_tag
def judged_links(clock: Clock) -> SafeString:
    """Name the versions that judge a clock, each a link to its page."""
    version, hours = clock.policy_version, clock.calendar_version
    if version is None:
        return format_html("{}", wording.NO_POLICY)
    policy = _version_link(
        reverse("policy_version", args=[version.policy_id, version.version]), str(version)
    )
    if hours is None:
        return format_html("{}, {}", policy, policy_wording.ROUND_THE_CLOCK)
    name = f"{hours.business_hours}, version {hours.version}"
    address = reverse("hours_version", args=[hours.business_hours_id, hours.version])
    return format_html("{}, in {}", policy, _version_link(address, name))


def _version_link(address: str, name: str) -> SafeString:
    return format_html('<a class="link" href="{}" dir="auto">{}</a>', address, name)


@register.simple_tag
def goes_back(conversation: Conversation, now: datetime) -> SafeString:
    """Count down to when a conversation goes back to the queue unopened."""
    given, due = conversation.assigned_at, conversation.returns_at
    if given is None or due is None:
        return SafeString("")
    return format_html(
        '<time class="wait{}" datetime="{}" data-since="{}" data-due="{}" title="Until {}">'
        "{}</time>",
        _standing(given, now, due),
        due.isoformat(),
        given.isoformat(),
        due.isoformat(),
        spelling.full_instant(due),
        _left(now, due),
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


@register.simple_tag
def cite(line: Line, conversation: Conversation | None = None) -> SafeString:
    """Link a line of a brief to the message it is from, in the story that is open if one is."""
    return format_html(
        'href="{}?at={}#m-{}" data-at="{}" title="{}"',
        reverse("conversation", args=[conversation.pk if conversation else line.conversation_id]),
        line.id,
        line.id,
        line.id if conversation else "",
        spelling.full_instant(line.said_at),
    )


@register.simple_tag
def cite_message(
    message_id: int, conversation_id: int, conversation: Conversation | None = None
) -> SafeString:
    """Link to a message, in the story that is open if one is."""
    return format_html(
        'href="{}?at={}#m-{}" data-at="{}"',
        reverse("conversation", args=[conversation.pk if conversation else conversation_id]),
        message_id,
        message_id,
        message_id if conversation else "",
    )


@register.filter
def fact_words(kind: Kind) -> str:
    """Say in a word what a fact is of."""
    return FACTS[kind]


def _left(now: datetime, due: datetime) -> str:
    left = (due - now).total_seconds()
    return spelling.running(left) if left >= 0 else f"−{spelling.running(-left)}"


def _standing(since: datetime, now: datetime, due: datetime | None) -> str:
    """Without a promise nothing is late."""
    if due is None:
        return ""
    if now >= due:
        return " late"
    return " soon" if now - since >= (due - since) / 2 else " calm"
