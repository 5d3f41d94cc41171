"""The rows of a list, written here: a page has fifty, for each of which a template is slow."""

from datetime import datetime

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.agents.models import User
from apps.console import spelling
from apps.console.templatetags.desk import (
    goes_back,
    icon,
    instant,
    mark,
    ordinal,
    priority,
    wait,
)
from apps.conversations.models import Conversation, Message
from apps.conversations.operations.together import Company
from apps.conversations.queries.asking import Queue, Section
from apps.conversations.queries.inbox import Row

register = template.Library()

TAGS_SHOWN = 3
NOTHING = SafeString("")
LINE = """
<div id="line-{id}" class="line" data-id="{id}" data-section="{section}" data-at="{at}">\
<label class="tick" title="Choose (x)"><input type="checkbox" form="many" name="ids" value="{id}"\
 aria-label="Choose {name}"></label>\
<a id="row-{id}" class="row{waiting}" data-id="{id}" href="{url}" hx-get="{url}"\
 hx-sync="#list:replace"{current}>\
<span class="avatar" data-hue="{hue}" aria-hidden="true">{initials}<small>{network}</small></span>\
<span class="name one-line" dir="auto">{name}</span>{when}\
<span class="preview" dir="auto">{preview}</span>\
<span class="marks">{marks}</span><span class="meta">{meta}{end}</span></a></div>"""
HIT = """
<a id="hit-{id}" class="row hit" data-id="{conversation}" data-message="{id}" href="{url}#m-{id}"\
 hx-get="{url}" hx-sync="#list:replace">\
<span class="avatar" data-hue="{hue}" aria-hidden="true">{initials}<small>{network}</small></span>\
<span class="name one-line" dir="auto">{name}</span><span class="ago num">{when}</span>\
<span class="preview" dir="auto">{preview}</span>\
<span class="meta"><span class="one-line">{handle} to {channel} · #{conversation}</span>{tags}\
</span></a>"""
CURRENT = SafeString(' aria-current="true"')
TAG = '<span class="tag">{}</span>'
PAUSED = '<span class="tag" title="The resolution is paused, waiting on {}">{}paused</span>'
ASSIGNEE = """<span class="end"><span class="avatar little" data-hue="{hue}" title="{name}">\
<span aria-hidden="true">{initials}</span>\
<span class="unseen">assigned to {name}</span></span></span>"""

OWN = {Queue.MINE, Queue.UNASSIGNED}
"""Queues whose name tells who has what is in them."""


@register.simple_tag(takes_context=True)
def line(context: Context, row: Row) -> SafeString:
    """Write a row, and the box to choose it."""
    conversation, identity, now = row.conversation, row.conversation.identity, context["now"]
    pk = str(conversation.pk)
    return format_html(
        LINE,
        id=pk,
        section=row.section.value,
        at=str(row.place.at.timestamp()),
        name=identity.name,
        waiting=" waiting" if row.since else "",
        url=f"{reverse('conversation', args=[pk])}?{context['listed'].query}",
        current=CURRENT if conversation.pk == context["open_id"] else "",
        hue=str(spelling.hue(identity.customer_id)),
        initials=spelling.initials(identity.name),
        network=conversation.channel.connector.label[:1],
        when=_when(row, now),
        preview=_preview(row),
        marks=_marks(row),
        meta=_meta(row, context["companies"].get(conversation.pk), context["user"], now),
        end=NOTHING if context["queue"] in OWN else _assignee(conversation.assignee),
    )


@register.simple_tag(takes_context=True)
def hit(context: Context, message: Message) -> SafeString:
    """Write a message that a search found."""
    conversation, now = message.conversation, context["now"]
    assert conversation is not None
    identity, channel = conversation.identity, conversation.channel
    address = context["found"].address
    url = f"{reverse('conversation', args=[conversation.pk])}?{address}&at={message.pk}"
    tags = []
    if message.direction == Message.Direction.NOTE and message.author:
        tags.append(format_html(TAG, f"note by {message.author.first_name}"))
    if message.deleted_at:
        tags.append(format_html(TAG, "deleted there"))
    return format_html(
        HIT,
        id=str(message.pk),
        conversation=str(conversation.pk),
        url=url,
        hue=str(spelling.hue(identity.customer_id)),
        initials=spelling.initials(identity.name),
        network=channel.connector.label[:1],
        name=identity.name,
        when=instant(message.said_at, spelling.brief_instant(message.said_at, now)),
        preview=_quoted(message, conversation, message.excerpt),  # type: ignore[attr-defined]
        handle=identity.handle,
        channel=channel.handle,
        tags=_together(tags),
    )


def _when(row: Row, now: datetime) -> SafeString:
    """Until when it is put off, how long somebody waits, or when something was said last."""
    conversation = row.conversation
    if row.section is Section.SNOOZED and conversation.snoozed_until is not None:
        until = conversation.snoozed_until
        shown = instant(until, spelling.brief_instant(until, now))
        return format_html('<span class="ago num">until {}</span>', shown)
    if conversation.calls_for_an_answer and row.since is not None:
        return wait(row.since, now, row.wait)
    said = conversation.last_message_at
    return format_html(
        '<span class="ago num">{}</span>', instant(said, spelling.brief_instant(said, now))
    )


def _preview(row: Row) -> SafeString:
    if row.newest is None:
        return NOTHING
    begin: str = row.newest.preview  # type: ignore[attr-defined]
    return _quoted(row.newest, row.conversation, begin)


def _quoted(message: Message, conversation: Conversation, text: str) -> SafeString:
    """What was said, after who said it where that was the desk."""
    if message.direction != Message.Direction.OUTBOUND:
        return format_html("{}", text)
    author = message.author.first_name if message.author else conversation.channel.handle
    return format_html('<span class="faint">{}:</span> {}', author, text)


def _marks(row: Row) -> SafeString:
    shown = [priority(row.conversation), *map(mark, [*row.flags, *row.tags[:TAGS_SHOWN]])]
    more = len(row.tags) - TAGS_SHOWN
    if more > 0:
        shown.append(format_html('<span class="tag">+{}</span>', more))
    return _together(shown)


def _meta(row: Row, there: Company | None, user: User, now: datetime) -> SafeString:
    """Who is at it, who wrote whom, and what is special about it now."""
    conversation = row.conversation
    shown = [_company(there), _whom(conversation)]
    if conversation.returns_at and conversation.assignee_id == user.pk:
        shown.append(format_html(TAG, format_html("back in {}", goes_back(conversation, now))))
    if conversation.unseen_since:
        shown.append(format_html(TAG, "came late"))
    if conversation.paused_for:
        shown.append(
            format_html(PAUSED, conversation.get_paused_for_display(), icon("player-pause"))
        )
    if conversation.woke_at:
        back = spelling.brief_instant(conversation.woke_at, now)
        shown.append(format_html(TAG, format_html("{}back {}", icon("zzz"), back)))
    if row.section is Section.SNOOZED and conversation.calls_for_an_answer and row.since:
        shown.append(wait(row.since, now, row.wait))
    return _together(shown)


def _company(there: Company | None) -> SafeString:
    if there is None:
        return NOTHING
    if there.writing:
        return format_html(
            '<span class="there writing">{}{} is writing</span>',
            icon("pencil"),
            there.writing[0].first_name,
        )
    if there.reading:
        return format_html(
            '<span class="there">{}{} has it open</span>', icon("eye"), there.reading[0].first_name
        )
    return NOTHING


def _whom(conversation: Conversation) -> SafeString:
    contact = f" · {ordinal(conversation.contact)} contact" if conversation.contact > 1 else ""
    return format_html(
        '<span class="one-line">{} to {}{}</span>',
        conversation.identity.handle,
        conversation.channel.handle,
        contact,
    )


def _assignee(assignee: User | None) -> SafeString:
    if assignee is None:
        return format_html('<span class="end">{}</span>', format_html(TAG, "unassigned"))
    hue = str(spelling.hue(assignee.pk))
    return format_html(ASSIGNEE, hue=hue, name=assignee.name, initials=assignee.initials)


def _together(shown: list[SafeString]) -> SafeString:
    return SafeString("".join(shown))
