"""Who may open a page, and in which form they want the answer."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from apps.agents.models import User
from apps.agents.operations import note_seen
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message, Notification

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class SignedIn(HttpRequest):
    """A request of somebody who works here."""

    user: User


def signed_in(
    view: Callable[Concatenate[SignedIn, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let only people of the desk in; a piece of page asks the browser to sign in as a whole."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in(request)
        # Whatever htmx asks for may be the page's own doing; a whole page is a person's.
        if not is_htmx(request):
            note_seen(user=request.user, at=timezone.now())
        response = view(cast("SignedIn", request), *args, **kwargs)
        add_never_cache_headers(response)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return guarded


def for_admins(
    view: Callable[Concatenate[SignedIn, P], R],
) -> Callable[Concatenate[SignedIn, P], R]:
    """Have the page not exist for whoever is no admin."""

    @wraps(view)
    def guarded(request: SignedIn, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not request.user.is_admin:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def confirmed(
    view: Callable[Concatenate[SignedIn, P], HttpResponse],
) -> Callable[Concatenate[SignedIn, P], HttpResponse]:
    """Have whoever sends something risky give their password or second factor again before."""
    guarded: Callable[Concatenate[SignedIn, P], HttpResponse] = reauthentication_required(
        allow_get=True
    )(view)
    return guarded


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asked, and so gets an answer for the page that is open."""
    return request.headers.get("HX-Request") == "true"


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asked for a piece of a page, not for a whole one as when going back."""
    return is_htmx(request) and request.headers.get("HX-Request-Type") != "full"


def readable_conversation(request: SignedIn, conversation_id: int) -> Conversation:
    """Return a conversation this person may read; a foreign one is as unknown as a missing one.

    Its `may_act` says whether they may act on it, `was_written_to` whether words came in since it
    was last opened.
    """
    answered = Channel.objects.answered_by(request.user)
    came = Message.objects.filter(
        conversation=OuterRef("id"),
        direction=Message.Direction.INBOUND,
        received_at__gt=OuterRef("read_at"),
    )
    found = (
        Conversation.objects.visible_to(request.user)
        .select_related("channel__team", "identity__customer", "assignee")
        .annotate(
            has_news=Exists(_unread_in_it(request.user)),
            may_act=Exists(answered.filter(id=OuterRef("channel"))),
            was_written_to=Exists(came),
        )
        .filter(id=conversation_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def has_news(conversation: Conversation) -> bool:
    """Whether its reader was notified of something in it and has not looked yet."""
    return bool(getattr(conversation, "has_news", False))


def may_act_on(conversation: Conversation) -> bool:
    """Whether its reader may act on it, too."""
    return bool(getattr(conversation, "may_act", False))


def _unread_in_it(user: User) -> QuerySet[Notification]:
    return Notification.objects.unread_by(user).filter(conversation=OuterRef("id"))


def own_message(request: SignedIn, message_id: int) -> Message:
    """Return a reply this person wrote and may decide about; else there is none."""
    found = (
        Message.objects.filter(
            id=message_id,
            author=request.user,
            direction=Message.Direction.OUTBOUND,
            conversation__in=Conversation.objects.answered_by(request.user),
        )
        .select_related("conversation", "channel")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _sign_in(request: HttpRequest) -> HttpResponse:
    if "Desk-Background" in request.headers:  # nobody asked: what is being written stays open
        return HttpResponse(status=401)
    if not is_htmx(request):
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    address = redirect_to_login(page.path or "/", resolve_url(settings.LOGIN_URL)).url
    return HttpResponse(status=401, headers={"HX-Redirect": address})
