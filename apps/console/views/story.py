"""The life story in a conversation's page: windows of it, places to jump to, words to find."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from apps.agents.models import User
from apps.console import timeline
from apps.console.views.access import (
    SignedIn,
    may_act_on,
    readable_conversation,
    signed_in,
    wants_part,
)
from apps.conversations.models import Conversation, Message, Pin
from apps.conversations.queries import people, story, windows
from apps.conversations.queries.windows import Window

LONGEST_WORDS = 200
LONGEST_ID = 18


@signed_in
@require_safe
def part(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Answer with a window of the story: around a message or a day, before or after a message."""
    conversation = readable_conversation(request, conversation_id)
    if conversation.merged_into_id is not None:
        return redirect("conversation", conversation_id=conversation.merged_into_id)
    if elsewhere := story_elsewhere(request, conversation):
        return HttpResponse(headers={"HX-Redirect": elsewhere})
    if not wants_part(request):
        place = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(f"{reverse('conversation', args=[conversation.pk])}{place}")
    window = window_asked_for(request, conversation)
    waits = people.first_waits(list(window.conversations))
    told = story_context(conversation, window, waits, user=request.user, now=timezone.now())
    piece = next((side for side in ("before", "after") if side in request.GET), "whole")
    pins = Pin.objects.filter(note__in=window.messages)
    context = {
        "conversation": conversation,
        "piece": piece,
        "may_act": may_act_on(conversation),
        "pinned_ids": set(pins.values_list("note", flat=True)),
        **told,
    }
    return render(request, "console/conversation/_window.html", context)


@signed_in
@require_safe
def found(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Answer with the story's messages that hold some words, oldest first."""
    conversation = readable_conversation(request, conversation_id)
    words = request.GET.get("words", "")[:LONGEST_WORDS].replace("\0", "")
    return JsonResponse({"found": story.found_in(conversation, words, user=request.user)})


def story_elsewhere(request: SignedIn, conversation: Conversation) -> str:
    """Return where a message asked for is told, if it is none of this conversation's story."""
    named = request.GET.get("at", "")
    if not _is_id(named) or story.place_in(conversation, int(named), user=request.user):
        return ""
    readable = Conversation.objects.visible_to(request.user)
    there = Message.objects.filter(id=int(named), conversation__in=readable).first()
    if there is None or there.conversation_id == conversation.pk:
        return ""
    return f"{reverse('conversation', args=[there.conversation_id])}?at={named}#m-{named}"


def window_asked_for(
    request: SignedIn, conversation: Conversation, known: Sequence[Conversation] = ()
) -> Window:
    """Return the window a request names, else the newest, or what an open page shows of it.

    `known` are the customer's conversations where they were read already. An open page names the
    first message of what it shows last in the Story-From header.
    """
    user, asked = request.user, request.GET
    if "at" in asked:
        return windows.window_around(conversation, _place(request, conversation, "at"), user=user)
    if "before" in asked:
        place = _place(request, conversation, "before")
        return windows.window_before(conversation, place, user=user)
    if "after" in asked:
        place = _place(request, conversation, "after")
        return windows.window_after(conversation, place, user=user)
    if "day" in asked:
        return _window_on(conversation, asked["day"], user=user)
    shown = request.headers.get("Story-From", "")
    if _is_id(shown):
        return windows.window_from(conversation, int(shown), user=user)
    return windows.last_window(conversation, user=user, known=known)


def story_context(
    conversation: Conversation,
    window: Window,
    first_waits: Mapping[int, float],
    *,
    user: User,
    now: datetime,
) -> dict[str, object]:
    """Return what a window of the story shows."""
    told = story.story(conversation, window)
    here = [m for m in window.messages if m.conversation_id == conversation.pk]
    return {
        "parts": timeline.laid_out(told, conversation, first_waits=first_waits, user=user, now=now),
        "before": told.before,
        "after": told.after,
        "newest": max((m.pk for m in here), default=""),
    }


def _place(request: SignedIn, conversation: Conversation, name: str) -> Message:
    named = request.GET[name]
    if not _is_id(named):
        raise BadRequest("This address names no message.")
    place = story.place_in(conversation, int(named), user=request.user)
    if place is None:
        raise Http404
    return place


def _is_id(named: str) -> bool:
    return named.isdecimal() and len(named) <= LONGEST_ID


def _window_on(conversation: Conversation, named: str, *, user: User) -> Window:
    try:
        day = parse_date(named)
    except ValueError:
        day = None
    if day is None:
        raise BadRequest("This address names no day. Write it as 2026-11-25.")
    morning = timezone.make_aware(datetime.combine(day, time()))
    place = story.first_since(conversation, morning, user=user)
    if place is None:
        return windows.last_window(conversation, user=user)
    return windows.window_around(conversation, place, user=user)
