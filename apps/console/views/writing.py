"""While somebody writes: what the desk says of it, what may be inserted, who else is there."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.agents.models import User
from apps.console.forms import DoingForm, TextForm, parsed
from apps.console.views.access import SignedIn, readable_conversation, signed_in
from apps.conversations.models import Conversation, Draft
from apps.conversations.operations import drafting, together
from apps.conversations.queries import sameness
from apps.conversations.queries.memory import recall_lines
from apps.conversations.queries.people import Told, told_by
from apps.conversations.queries.snippets import snippets_for

MOST_UNUSED = 5


@signed_in
@require_POST
def hints(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Say what the desk knows of a draft: how alike it is to earlier replies."""
    conversation = readable_conversation(request, conversation_id)
    text = parsed(TextForm(request.POST))["text"]
    now = timezone.now()
    alike = sameness.alike(text, user=request.user, at=now)
    context = {
        "conversation": conversation,
        "alike": alike,
        "unused": _unused(conversation, text, request.user) if alike.is_near else [],
        "now": now,
    }
    return render(request, "console/conversation/_hints.html", context)


def _unused(conversation: Conversation, text: str, user: User) -> list[Told]:
    """What this customer told, the newest first, that the draft does not speak of."""
    told = told_by(recall_lines(conversation.identity.customer, user=user))
    return [fact for fact in told if fact.value.casefold() not in text.casefold()][:MOST_UNUSED]


@signed_in
@require_http_methods(["GET", "POST"])
def draft(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Keep what this person is writing, or tell it to another page of theirs."""
    conversation = readable_conversation(request, conversation_id)
    if request.method == "POST":
        sent = parsed(TextForm(request.POST))
        drafting.save_draft(
            conversation=conversation,
            text=sent["text"],
            by=request.user,
            at=timezone.now(),
            page=sent["page"],
        )
        return HttpResponse(status=204)
    found = Draft.objects.filter(conversation=conversation, user=request.user).first()
    return JsonResponse({"text": found.text if found else ""})


@signed_in
@require_POST
def company(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Note what this person does here, and answer with who else is there."""
    conversation = readable_conversation(request, conversation_id)
    doing = together.Doing(parsed(DoingForm(request.POST))["doing"])
    together.note(conversation=conversation, by=request.user, doing=doing)
    there = together.company(conversation=conversation, user=request.user)
    return render(request, "console/conversation/_together.html", {"company": there})


@signed_in
@require_safe
def insertable(request: SignedIn, conversation_id: int) -> HttpResponse:
    """List the facts that may be inserted into a reply here, in the customer's language first."""
    conversation = readable_conversation(request, conversation_id)
    context = {"snippets": snippets_for(conversation)}
    return render(request, "console/conversation/_snippets.html", context)
