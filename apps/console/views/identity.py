"""Who is one person: deciding about what is proposed, merging by hand, taking apart, naming."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.common.errors import DeskError
from apps.console.forms import MatchForm, MergeForm
from apps.console.views.access import SignedIn, signed_in
from apps.console.views.pledging import done, refused
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import deciding_matches
from apps.conversations.queries import people
from apps.customers import operations
from apps.customers.models import Customer, Identity, Match


@signed_in
@require_POST
def decide(request: SignedIn, match_id: int) -> HttpResponse:
    """Confirm or reject a proposed match, or take a confirmed one apart."""
    known = people.identities_readable_by(request.user)
    match = get_object_or_404(Match, id=match_id, left__in=known, right__in=known)
    form = MatchForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Say whether they are one person or not.")
    by, at = request.user, timezone.now()
    try:
        _refuse_others_customers(request, match.left, match.right)
        match form.cleaned_data["decision"]:
            case "confirm":
                deciding_matches.confirm(match=match, by=by, at=at)
            case "reject":
                operations.reject(match=match, by=by, at=at)
            case _:
                deciding_matches.part(match=match, reason=form.cleaned_data["reason"], by=by, at=at)
    except DeskError as error:
        return refused(request, error, None)
    return done(request, None)


@signed_in
@require_POST
def merge(request: SignedIn, customer_id: int) -> HttpResponse:
    """Take another identity for this customer's, with a reason."""
    customer = get_object_or_404(people.customers_readable_by(request.user), id=customer_id)
    form = MergeForm(request.POST)
    try:
        if not form.is_valid():
            raise DeskError("Say which handle is theirs too, and why.")
        one = get_object_or_404(
            people.identities_readable_by(request.user),
            id=form.cleaned_data["one"],
            customer=customer,
        )
        other = _by_handle(request, form.cleaned_data["handle"], customer)
        _refuse_others_customers(request, one, other)
        deciding_matches.merge(
            one=one,
            other=other,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
        one.refresh_from_db()
    except DeskError as error:
        return refused(request, error, None)
    return redirect("customer", customer_id=one.customer_id)


@signed_in
@require_POST
def name(request: SignedIn, customer_id: int) -> HttpResponse:
    """Say what colleagues call a customer."""
    customer = get_object_or_404(people.customers_readable_by(request.user), id=customer_id)
    called = request.POST.get("name", "")
    try:
        _refuse_others_customers(request, *customer.identities.all())
        operations.name_customer(customer=customer, name=called, by=request.user, at=timezone.now())
    except DeskError as error:
        return refused(request, error, None)
    return redirect("customer", customer_id=customer.pk)


@signed_in
@require_safe
def message(request: SignedIn, message_id: int) -> HttpResponse:
    """Lead to where a message stands in its conversation."""
    readable = Conversation.objects.visible_to(request.user)
    found = Message.objects.filter(id=message_id, conversation__in=readable).first()
    if found is None:
        raise Http404
    page = redirect("conversation", conversation_id=found.conversation_id)
    page["Location"] += f"?at={found.pk}#m-{found.pk}"
    return page


def _by_handle(request: SignedIn, named: str, customer: Customer) -> Identity:
    handle, _, network = named.strip().partition(" ")
    found = (
        people.identities_readable_by(request.user)
        .exclude(customer=customer)
        .filter(handle__iexact=handle)
    )
    if network:
        found = found.filter(network__iexact=network.strip())
    some = list(found[:2])
    if not some:
        raise DeskError(f"Nobody else is known here as {handle}. Write the handle as it is shown.")
    if len(some) > 1:
        raise DeskError(f"Several are {handle}: add the network, like “{handle} mastodon”.")
    return some[0]


def _refuse_others_customers(request: SignedIn, *identities: Identity) -> None:
    theirs = Conversation.objects.answered_by(request.user)
    customers = [identity.customer_id for identity in identities]
    if not theirs.filter(identity__customer__in=customers).exists():
        raise DeskError("Another team answers this customer. You can read it, not act on it.")
