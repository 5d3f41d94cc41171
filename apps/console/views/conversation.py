"""One conversation: its page, and the pieces of it that are refreshed."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import User
from apps.console import snoozes
from apps.console.forms import NO_REPLY_REASONS
from apps.console.views.access import (
    SignedIn,
    has_news,
    may_act_on,
    readable_conversation,
    signed_in,
    wants_part,
)
from apps.console.views.composer import composer_context
from apps.console.views.desk import chosen_queue, desk_context, rail_context
from apps.console.views.search import search_context
from apps.console.views.story import story_context, story_elsewhere, window_asked_for
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning
from apps.conversations.operations.notifying import note_read
from apps.conversations.queries import answers, inbox, offering, people, story
from apps.conversations.queries.asking import Queue
from apps.conversations.queries.memory import TALKS, Memory, remember
from apps.conversations.queries.windows import Window
from apps.labels.models import Priority

WAITS_SHOWN = 6


@signed_in
@require_safe
def page(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Show a conversation on the desk, or only it and its brief when the desk is open already."""
    conversation = readable_conversation(request, conversation_id)
    if has_news(conversation):
        note_read(by=request.user, at=timezone.now(), conversation=conversation)
    if conversation.merged_into_id is not None:
        return redirect("conversation", conversation_id=conversation.merged_into_id)
    if elsewhere := story_elsewhere(request, conversation):
        return redirect(elsewhere)
    assigning.note_opened(conversation=conversation, by=request.user, at=timezone.now())
    context = conversation_context(request, conversation, now=timezone.now())
    if wants_part(request):
        return render(request, "console/conversation/_open.html", context)
    queue = chosen_queue(request) or _home_queue(conversation, request.user)
    now = timezone.now()
    if "q" in request.GET:
        context |= rail_context(request, queue, now) | search_context(request)
    else:
        context |= desk_context(request, queue, now)
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


def conversation_context(
    request: SignedIn, conversation: Conversation, *, now: datetime
) -> dict[str, object]:
    """Return all that a conversation's page shows."""
    user = request.user
    memory = remember(conversation.identity.customer, user=user, conversation=conversation)
    clocks = memory.clocks_of(conversation)
    offered = offering.labels_for(conversation)
    may_act = may_act_on(conversation)
    known = memory.talks if memory.count <= TALKS else ()
    window = window_asked_for(request, conversation, known)
    return {
        "queue": chosen_queue(request),
        "conversation": conversation,
        "wait": memory.running_wait(conversation),
        "waits": clocks[:WAITS_SHOWN],
        "customer": conversation.identity.customer,
        **story_context(conversation, window, memory.first_waits(), user=user, now=now),
        "seen": _seen(conversation, window, memory),
        "pinned_ids": {line.id for line in memory.pinned},
        "brief": people.brief(memory, besides=conversation),
        "handover": people.handover(conversation, memory),
        "may_act": may_act,
        "priorities": Priority.choices,
        "tags": offered.tags,
        "flags": offered.flags,
        "colleagues": inbox.colleagues(conversation.channel.team_id, at=now) if may_act else [],
        **composer_context(conversation, user, now=now),
        "reasons": NO_REPLY_REASONS,
        "ended": answers.ended(clocks),
        "snoozes": snoozes.offered(now),
        "pauses": Conversation.Pause.choices,
    }


def _seen(conversation: Conversation, window: Window, memory: Memory) -> int:
    """Return the newest of what was said here that whoever reads this has before them.

    By our own ids: what matters is what had arrived. Away from the end it is what is shown.
    """
    if window.newer:
        return story.newest_said_id(conversation, window.messages)
    here = [x for x in memory.lines if x.conversation_id == conversation.pk]
    return max((line.id for line in here if not line.is_note), default=0)


def _home_queue(conversation: Conversation, user: User) -> Queue:
    if conversation.state == Conversation.State.SNOOZED:
        return Queue.SNOOZED
    if conversation.assignee_id == user.pk:
        return Queue.MINE
    return Queue.EVERYONE if conversation.assignee_id else Queue.UNASSIGNED
