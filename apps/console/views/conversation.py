"""One conversation: its page, and the pieces of it that are refreshed."""

from datetime import datetime
from secrets import token_hex

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import User
from apps.channels.models import Channel
from apps.console import snoozes, timeline
from apps.console.forms import NO_REPLY_REASONS
from apps.console.views.access import (
    SignedIn,
    has_news,
    readable_conversation,
    signed_in,
    wants_part,
)
from apps.console.views.desk import chosen_queue, list_context, rail_context
from apps.console.views.search import search_context
from apps.conversations.models import Conversation, Draft, Message
from apps.conversations.operations import assigning
from apps.conversations.operations.notifying import note_read
from apps.conversations.queries import inbox, offering, people, story
from apps.conversations.queries.inbox import Queue


@signed_in
@require_safe
def page(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Show a conversation on the desk, or only it and its brief when the desk is open already."""
    conversation = readable_conversation(request, conversation_id)
    if has_news(conversation):
        note_read(by=request.user, at=timezone.now(), conversation=conversation)
    if conversation.merged_into_id is not None:
        return redirect("conversation", conversation_id=conversation.merged_into_id)
    assigning.note_opened(conversation=conversation, by=request.user, at=timezone.now())
    context = conversation_context(request, conversation, now=timezone.now())
    if wants_part(request):
        return render(request, "console/conversation/_open.html", context)
    queue = chosen_queue(request) or _home_queue(conversation, request.user)
    listed = search_context(request) if "q" in request.GET else list_context(request, queue)
    context |= rail_context(request, queue, timezone.now()) | listed
    return render(request, "console/desk.html", context | {"open_id": conversation.pk})


@signed_in
@require_safe
def refresh(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Answer with what may have changed: head, timeline and brief, never the composer."""
    conversation = readable_conversation(request, conversation_id)
    if conversation.merged_into_id is not None:
        return redirect("conversation", conversation_id=conversation.merged_into_id)
    context = conversation_context(request, conversation, now=timezone.now())
    return render(request, "console/conversation/_refresh.html", context)


@signed_in
@require_safe
def earlier(request: SignedIn, conversation_id: int, before_id: int) -> HttpResponse:
    """Answer with the customer's conversations before the one named."""
    conversation = readable_conversation(request, conversation_id)
    before = get_object_or_404(
        people.conversations_of(conversation.identity.customer, user=request.user), id=before_id
    )
    found, goes_on = story.earlier_conversations(conversation, user=request.user, before=before)
    past = timeline.past(found, story.resolver_names(found), user=request.user, now=timezone.now())
    context = {"conversation": conversation, "past": past, "before": goes_on}
    if not wants_part(request):
        return redirect("customer", customer_id=conversation.identity.customer_id)
    return render(request, "console/conversation/_earlier.html", context)


def conversation_context(
    request: SignedIn, conversation: Conversation, *, now: datetime
) -> dict[str, object]:
    """Return all that a conversation's page shows."""
    user = request.user
    told = story.story(conversation, user=user, whole="whole" in request.GET)
    items = timeline.laid_out(told, user=user, now=now)
    brief = people.brief(conversation.identity.customer, user=user, besides=conversation)
    may_act = Channel.objects.answered_by(user).filter(id=conversation.channel_id).exists()
    return {
        "queue": chosen_queue(request),
        "conversation": conversation,
        "wait": inbox.running_waits([conversation]).get(conversation.pk),
        "customer": conversation.identity.customer,
        "items": items,
        "past": timeline.past(told.earlier, told.names, user=user, now=now),
        "before": told.before,
        "cut": told.cut,
        "newest": told.messages[0].pk if told.messages else "",
        "seen": story.newest_said_id(told.messages) or "",
        "answered": _newest_inbound(told.messages),
        "brief": brief,
        "handover": people.handover(conversation, brief.last_help, user=user),
        "may_act": may_act,
        "tags": offering.tags_for(conversation),
        "flags": offering.flags_for(conversation.identity.customer),
        "colleagues": inbox.colleagues(conversation.channel.team_id, at=now) if may_act else [],
        "draft": _draft(conversation, user),
        "once": token_hex(16),
        "reasons": NO_REPLY_REASONS,
        "snoozes": snoozes.offered(now),
        "pauses": Conversation.Pause.choices,
    }


def _newest_inbound(messages: list[Message]) -> Message | None:
    """What a reply would answer; messages come newest first."""
    return next((m for m in messages if m.direction == Message.Direction.INBOUND), None)


def _draft(conversation: Conversation, user: User) -> str:
    draft = Draft.objects.filter(conversation=conversation, user=user).first()
    return draft.text if draft else ""


def _home_queue(conversation: Conversation, user: User) -> Queue:
    if conversation.state == Conversation.State.SNOOZED:
        return Queue.SNOOZED
    if conversation.assignee_id == user.pk:
        return Queue.MINE
    return Queue.EVERYONE if conversation.assignee_id else Queue.UNASSIGNED
