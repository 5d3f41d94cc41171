"""A customer's page: who they are and everything they wrote about."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.channels.models import Channel
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.queries import offering, people
from apps.conversations.queries.memory import conversations_of, remember
from apps.customers.models import Match


@signed_in
@require_safe
def page(request: SignedIn, customer_id: int) -> HttpResponse:
    """Show a customer and their conversations, newest first."""
    customer = people.customers_readable_by(request.user).filter(id=customer_id).first()
    if customer is None:
        guest = people.identities_readable_by(request.user).filter(home=customer_id).first()
        if guest is None:
            raise Http404
        return redirect("customer", customer_id=guest.customer_id)
    before = request.GET.get("before", "")
    if before and not before.isdecimal():
        raise BadRequest("This address names no conversation to go on from.")
    talks, goes_on = people.talks_page(
        customer, user=request.user, before=int(before) if before else None
    )
    theirs = conversations_of(customer, user=request.user).filter(
        channel__in=Channel.objects.answered_by(request.user)
    )
    memory = remember(customer, user=request.user)
    context = {
        "customer": customer,
        "flags": offering.flags_for(customer),
        "flagged_by_way_of": theirs.order_by("-last_message_at", "-id").first(),
        "brief": people.brief(memory),
        "matches": [m for m in memory.matches if m.state != Match.State.PROPOSED],
        "may_act": theirs.exists(),
        "talks": talks,
        "goes_on": goes_on,
    }
    return render(request, "console/customer/page.html", context)
