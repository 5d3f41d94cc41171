"""What a person says about a conversation and its customer: tags, priority, flags."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from apps.console.forms import LabelForm, PriorityForm, parsed
from apps.console.views.access import SignedIn, signed_in
from apps.console.views.answering import Decision, decided
from apps.conversations.models import Conversation
from apps.conversations.operations import labelling
from apps.labels.models import Flag, Label, Tag


@signed_in
@require_POST
def tag(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Put a tag on a conversation, or take one off."""
    decision = partial(_of_one, labelling.change_tags, **_chosen(request, Tag))
    return decided(request, conversation_id, decision)


@signed_in
@require_POST
def prioritize(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Say how much a conversation matters."""
    priority = parsed(PriorityForm(request.POST))["priority"]
    decision = partial(_of_one, labelling.set_priority, priority=priority)
    return decided(request, conversation_id, decision)


@signed_in
@require_POST
def flag(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Flag the customer of a conversation, or take a flag off them."""
    chosen = _chosen(request, Flag)
    return decided(request, conversation_id, partial(labelling.change_flags, **chosen))


def _of_one(decision: Decision, *, conversation: Conversation, **said: Any) -> None:
    """Do to one conversation what may be done to many."""
    decision(conversation_ids=[conversation.pk], **said)


def _chosen(request: SignedIn, kind: type[Label]) -> dict[str, Any]:
    sent = parsed(LabelForm(request.POST))
    return {
        name: [get_object_or_404(kind, pk=label_id)] if (label_id := sent[name]) else []
        for name in ("add", "remove")
    }
