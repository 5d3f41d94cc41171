"""Programs that may call: each answers to a person, and has scopes and a secret of its own."""

import secrets
from collections.abc import Collection
from datetime import datetime

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from apps.agents.models import User
from apps.api.access import SCOPES
from apps.common.errors import DeskError
from apps.ledger.recording import Entry, record


@transaction.atomic
def add_client(
    *, name: str, scopes: Collection[str], owner: User, by: User | None, at: datetime
) -> tuple[Client, str]:
    """Let a program call with the rights of `owner`; returns it and its secret, told only now."""
    if by is not None and not by.is_admin:
        raise DeskError("Only admins let programs in.")
    if not name.strip() or len(name) > 80:
        raise DeskError("Give the program a name of up to 80 characters.")
    if not scopes or set(scopes) - set(SCOPES):
        raise DeskError(f"Choose scopes among {', '.join(SCOPES)}.")
    if not owner.is_active:
        raise DeskError(f"{owner.name} no longer works here. Choose who answers for it.")
    secret = secrets.token_urlsafe(32)
    client = Client(name=name.strip(), owner=owner, created_at=at)
    client.set_scopes(sorted(scopes))
    client.set_default_scopes(sorted(scopes))
    client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
    client.set_response_types([])
    client.set_secret(secret)
    client.save()
    _record("api_client_added", client, by=by, at=at, scopes=sorted(scopes))
    return client, secret


@transaction.atomic
def remove_client(*, client: Client, by: User | None, at: datetime) -> None:
    """Let it in no more; its tokens end at once."""
    if by is not None and not by.is_admin:
        raise DeskError("Only admins let programs in.")
    Token.objects.filter(client=client).delete()
    _record("api_client_removed", client, by=by, at=at)
    client.delete()


def _record(kind: str, client: Client, *, by: User | None, at: datetime, **data: object) -> None:
    entry = Entry(
        kind=kind,
        by_id=by.pk if by else None,
        user_id=client.owner_id,
        data={"client": client.pk, **data},
        quiet=True,
    )
    record([entry], at=at)
