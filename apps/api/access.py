"""Who calls: a person by their session, or a program by a token of its own (OAuth 2).

A program has the rights of the person who answers for it, within the scopes it was given. There is
no scope for sending: a program can draft, never send (docs/explanation/trust.md).
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from allauth.idp.oidc.models import Token
from django.utils import timezone
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed, NotFound, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.agents.models import User
from apps.agents.programs import READ, WRITE
from apps.api.models import Program

if TYPE_CHECKING:
    from rest_framework.views import APIView

NOTED_EVERY = timedelta(minutes=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
# When this process noted last that a program called.
_noted: dict[str, datetime] = {}

PEOPLE_ONLY = "A person does this, signed in to the desk; a program can only prepare it."


class ProgramAuthentication(BaseAuthentication):
    """A bearer token; its program acts for the person who answers for it."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return whom the token acts for; raises AuthenticationFailed for one that fits nobody."""
        kind, _, value = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != "bearer":
            return None
        token = _token(value.strip())
        if token is None or token.client is None:
            raise AuthenticationFailed("This token is unknown, or its time is over. Get a new one.")
        user = token.user or token.client.owner
        if user is None or not user.is_active:
            raise AuthenticationFailed("Nobody who works here answers for this program any more.")
        note_used(token.client_id, at=timezone.now())
        return user, token

    def authenticate_header(self, _request: Request) -> str:
        """Say how to sign in."""
        return 'Bearer realm="api"'


class PersonAuthentication(SessionAuthentication):
    """The session of somebody signed in to the console, with its protection against forgery."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return who is signed in; PermissionDenied while they owe a second factor."""
        found: Any = super().authenticate(request)
        if found is not None and found[0].owes_second_factor:
            raise PermissionDenied("Set up your second factor in the console first.")
        return cast("tuple[User, None] | None", found)


class Scoped(BasePermission):
    """Whoever works here; a program only within its scopes, and never what only people do."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether they may ask for this at all; rows are a question of what they may read.

        What is for admins is as unknown to everybody else as it is in the console. What only
        people do to a row is refused once the row is found (`Single.matching`).
        """
        if not isinstance(request.user, User):
            return False
        if getattr(view, "admins_only", False) and not request.user.is_admin:
            raise NotFound
        if request.auth is None:
            return True
        if getattr(view, "people_only", False) and not getattr(view, "detail", False):
            raise PermissionDenied(PEOPLE_ONLY)
        changes = request.method not in SAFE_METHODS
        needed = getattr(view, "scope", WRITE) if changes else getattr(view, "read_scope", READ)
        token: Any = request.auth
        return needed in token.get_scopes()


def note_used(client_id: str, *, at: datetime) -> None:
    """Note that a program called; written at most once a minute."""
    if at - _noted.get(client_id, LONG_AGO) < NOTED_EVERY:
        return
    _noted[client_id] = at
    Program.objects.bulk_create(
        [Program(client_id=client_id, last_used_at=at)],
        update_conflicts=True,
        update_fields=["last_used_at"],
        unique_fields=["client"],
    )


def caller(request: Request) -> str:
    """Name who calls, for what is remembered of them."""
    token: Any = request.auth
    return program(token.client_id) if token is not None else f"person {request.user.pk}"


def program(client_id: str) -> str:
    """Name a program that calls."""
    return f"program {client_id}"


def _token(value: str) -> Any:
    """Return the token with whom it acts for, in one statement; None if it fits nothing."""
    known = Token.objects.valid().by_value(value).filter(type=Token.Type.ACCESS_TOKEN)
    return known.select_related("user", "client__owner").first()
