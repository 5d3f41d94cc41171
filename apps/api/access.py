"""Who calls: a person by their session, or a program by a token of its own (OAuth 2).

A program has the rights of the person who answers for it, within the scopes it was given. There is
no scope for sending: a program can draft, never send (docs/explanation/trust.md).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from allauth.idp.oidc.contrib.rest_framework.authentication import TokenAuthentication
from allauth.idp.oidc.models import Token
from rest_framework.authentication import SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.agents.models import User

if TYPE_CHECKING:
    from rest_framework.views import APIView

READ, WRITE, INBOUND = "read", "write", "inbound"
SCOPES: Mapping[str, str] = {
    READ: "Read whatever the person who answers for the program may read",
    WRITE: "Draft, note, take, assign, tag, snooze and resolve, as that person may",
    INBOUND: "Bring in messages of generic channels",
}


class ProgramAuthentication(TokenAuthentication):  # type: ignore[misc]
    """A bearer token; its program acts for the person who answers for it."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return whom the token acts for; raises AuthenticationFailed for one that fits nobody."""
        if not get_authorization_header(request).lower().startswith(b"bearer"):
            return None
        found = super().authenticate(request)
        token = found[1] if found else None
        if token is None or token.type != Token.Type.ACCESS_TOKEN:
            raise AuthenticationFailed("This token is unknown, or its time is over. Get a new one.")
        user = token.user or token.client.owner
        if user is None or not user.is_active:
            raise AuthenticationFailed("Nobody who works here answers for this program any more.")
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
    """Whoever works here; a program only within its scopes."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether they may ask for this at all; rows are a question of what they may read."""
        if not isinstance(request.user, User):
            return False
        if request.auth is None:
            return True
        needed = READ if request.method in SAFE_METHODS else getattr(view, "scope", WRITE)
        token: Any = request.auth
        return needed in token.get_scopes()


def caller(request: Request) -> str:
    """Name who calls, for what is remembered of them."""
    token: Any = request.auth
    return f"program {token.client_id}" if token is not None else f"person {request.user.pk}"
