"""Searching messages, customers and notes; what is found stands where the list stands."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import User
from apps.channels.models import Channel
from apps.console.forms import SearchForm
from apps.console.highlighting import excerpt
from apps.console.views.access import SignedIn, signed_in, wants_part
from apps.console.views.desk import rail_context
from apps.conversations.models import Conversation, Message
from apps.conversations.queries import searching
from apps.conversations.queries.searching import Query
from apps.customers.models import Identity

NUMBER = re.compile(r"#?(\d{1,18})")


@dataclass(frozen=True)
class Found:
    """What stands in the list of a search. `next` is where it goes on, `address` what was asked."""

    query: Query
    messages: list[Message]
    people: list[Identity]
    numbered: Conversation | None
    address: str
    next: int | None
    goes_on: bool


@signed_in
@require_safe
def search(request: SignedIn) -> HttpResponse:
    """Show what is found: the whole desk, its list alone, or the next of its rows."""
    context = search_context(request)
    if wants_part(request):
        goes_on = "before" in request.GET
        template = "console/search/_rows.html" if goes_on else "console/search/_list.html"
        return render(request, template, context)
    context |= rail_context(request, None, timezone.now())
    return render(request, "console/desk.html", context)


@signed_in
@require_safe
def palette(request: SignedIn) -> HttpResponse:
    """Answer with what the palette finds: a conversation by its number, customers by their name."""
    query = Query(request.GET.get("q", "")[: searching.LONGEST_QUERY])
    found = Found(
        query=query,
        messages=[],
        people=searching.people(query, user=request.user),
        numbered=_numbered(query, request.user),
        address=urlencode({"q": query.text}),
        next=None,
        goes_on=False,
    )
    return render(request, "console/search/_palette.html", {"found": found})


def search_context(request: SignedIn) -> dict[str, object]:
    """Return what the list of a search shows."""
    form = SearchForm(request.GET, channels=Channel.objects.visible_to(request.user))
    if not form.is_valid():
        raise BadRequest(f"This search could not be read: {form.errors.as_text()}")
    query, before = form.query(), form.cleaned_data["before"]
    hits = searching.messages(query, user=request.user, before=before)
    for message in hits.messages:
        message.excerpt = excerpt(message.text, query.terms)  # type: ignore[attr-defined]
    address = urlencode({name: value for name, value in form.asked() if value})
    return {
        "form": form,
        "found": Found(
            query=query,
            messages=hits.messages,
            people=[] if before else searching.people(query, user=request.user, top=hits.top),
            numbered=None if before else _numbered(query, request.user),
            address=address,
            next=hits.next,
            goes_on=bool(before),
        ),
    }


def _numbered(query: Query, user: User) -> Conversation | None:
    number = NUMBER.fullmatch(query.text.strip())
    if number is None:
        return None
    readable = Conversation.objects.visible_to(user).select_related("identity", "channel")
    return readable.filter(id=int(number[1])).first()
