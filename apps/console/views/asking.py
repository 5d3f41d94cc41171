"""Say it once: what a draft asks for that the customer told already."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from apps.console.views.access import SignedIn, readable_conversation, signed_in
from apps.conversations.queries.memory import recall_lines
from apps.conversations.queries.people import told_by
from apps.customers.asking import asked_for


@signed_in
@require_POST
def asked(request: SignedIn, conversation_id: int) -> HttpResponse:
    """Answer with what the customer told already of what the draft asks for, and where."""
    conversation = readable_conversation(request, conversation_id)
    kinds = asked_for(request.POST.get("text", ""))
    customer = conversation.identity.customer
    told = told_by(recall_lines(customer, user=request.user)) if kinds else []
    context = {"told": [fact for fact in told if fact.kind in kinds], "conversation": conversation}
    return render(request, "console/conversation/_told_already.html", context)
