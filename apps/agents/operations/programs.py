"""Programs that may call: each answers to a person, and has scopes and a secret of its own."""

import secrets
from collections.abc import Collection
from datetime import datetime

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from apps.agents.models import User
from apps.agents.programs import SCOPES
from apps.common.errors import DeskError
from apps.ledger.recording import Entry, record

LONGEST_NAME = 80


@transaction.atomic
def add_client(
    *, name: str, scopes: Collection[str], owner: User, by: User | None, at: datetime
) -> tuple[Client, str]:
    """Let a program call with the rights of `owner`; returns it and its secret, told only now."""
    _must_be_admin(by)
    client = Client(created_at=at)
    _say(client, name=name, scopes=scopes, owner=owner)
    client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
    client.set_response_types([])
    secret = _new_secret(client)
    client.save()
    _record("api_client_added", client, by=by, at=at, scopes=sorted(scopes))
    return client, secret


@transaction.atomic
def change_client(
    *, client: Client, name: str, scopes: Collection[str], owner: User, by: User, at: datetime
) -> None:
    """Rename it, let it do more or less, or have somebody else answer for it; its tokens end."""
    _must_be_admin(by)
    present = Client.objects.select_for_update().get(pk=client.pk)
    before = (present.name, sorted(present.get_scopes()), present.owner_id)
    _say(present, name=name, scopes=scopes, owner=owner)
    if before == (present.name, sorted(scopes), owner.pk):
        return
    present.save()
    if before[1:] != (sorted(scopes), owner.pk):
        Token.objects.filter(client=present).delete()
    _record("api_client_changed", present, by=by, at=at, scopes=sorted(scopes))


@transaction.atomic
def renew_secret(*, client: Client, by: User, at: datetime) -> str:
    """Give it another secret, told only now; the old one and its tokens end at once."""
    _must_be_admin(by)
    present = Client.objects.select_for_update().get(pk=client.pk)
    secret = _new_secret(present)
    present.save(update_fields=["secret"])
    Token.objects.filter(client=present).delete()
    _record("api_client_secret_renewed", present, by=by, at=at)
    return secret


@transaction.atomic
def remove_client(*, client: Client, by: User | None, at: datetime) -> None:
    """Let it in no more; its tokens end at once."""
    _must_be_admin(by)
    Token.objects.filter(client=client).delete()
    _record("api_client_removed", client, by=by, at=at)
    client.delete()


def _must_be_admin(by: User | None) -> None:
    if by is not None and not by.is_admin:
        raise DeskError("Only admins let programs in.")


def _say(client: Client, *, name: str, scopes: Collection[str], owner: User) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise DeskError(f"Give the program a name of up to {LONGEST_NAME} characters.")
    if not scopes or set(scopes) - set(SCOPES):
        raise DeskError(f"Choose scopes among {', '.join(SCOPES)}.")
    if not owner.is_active:
        raise DeskError(f"{owner.name} no longer works here. Choose who answers for it.")
    client.name, client.owner = name.strip(), owner
    client.set_scopes(sorted(scopes))
    client.set_default_scopes(sorted(scopes))


def _new_secret(client: Client) -> str:
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    return secret


def _record(kind: str, client: Client, *, by: User | None, at: datetime, **data: object) -> None:
    entry = Entry(
        kind=kind,
        by_id=by.pk if by else None,
        user_id=client.owner_id,
        data={"client": client.pk, "name": client.name, **data},
        quiet=True,
    )
    record([entry], at=at)
