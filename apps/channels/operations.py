"""Connecting brand accounts, and what their conversations ask of agents."""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.channels.registry import BROUGHT_IN, CONNECTORS
from apps.common.errors import DeskError, sentence
from apps.ledger.recording import Entry, record

OF_A_CHANNEL = ("handle", "team", "is_private", "base_url", "token")


@transaction.atomic
def connect(
    *,
    network: str,
    handle: str,
    account_id: str,
    team: Team,
    base_url: str,
    token: str,
    is_private: bool = False,
    by: User | None,
    at: datetime,
) -> Channel:
    """Connect one account, with a new webhook secret; DeskError says what to correct."""
    if network not in CONNECTORS:
        raise DeskError(f"This desk speaks {', '.join(CONNECTORS)}: {network} is none of them.")
    channel = Channel(
        network=network,
        account_id=account_id,
        handle=handle,
        team=team,
        is_private=is_private,
        base_url=base_url.rstrip("/"),
        webhook_secret=_new_secret(),
        token=token,
    )
    try:
        channel.full_clean(exclude=_not_asked_for(channel))
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    channel.save()
    entry = Entry(
        kind="channel_connected",
        by_id=by.pk if by else None,
        channel_id=channel.pk,
        team_id=team.pk,
        data={"network": network},
        quiet=channel.connector.receives_only,
    )
    record([entry], at=at)
    return channel


@transaction.atomic
def require_skills(*, channel: Channel, skills: list[str], by: User, at: datetime) -> None:
    """Give its conversations only to agents who can do all of this."""
    if not by.manages(channel.team):
        raise DeskError(f"Only managers of {channel.team.name} and admins decide that.")
    present = Channel.objects.select_for_update().get(id=channel.pk)
    if present.skills == skills:
        return
    present.skills = skills
    present.save(update_fields=["skills"])
    entry = Entry(
        kind="channel_skills_changed",
        by_id=by.pk,
        channel_id=channel.pk,
        team_id=channel.team_id,
        data={"skills": skills},
    )
    record([entry], at=at)


@transaction.atomic
def change(*, channel: Channel, changes: Mapping[str, object], by: User, at: datetime) -> None:
    """Change how an account is called, answered or reached: any of OF_A_CHANNEL.

    An empty token keeps the one there is. DeskError says what to correct.
    """
    present = _decided(channel, by)
    said = {name: changes[name] for name in OF_A_CHANNEL if name in changes}
    if not said.get("token"):
        said.pop("token", None)
    changed = sorted(name for name, value in said.items() if getattr(present, name) != value)
    for name in changed:
        setattr(present, name, said[name])
    try:
        present.full_clean(exclude=_not_asked_for(present))
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    if changed:
        present.save(update_fields=changed)
        _record("channel_changed", present, by=by, at=at, changed=changed)


@transaction.atomic
def pause(*, channel: Channel, by: User, at: datetime) -> None:
    """Hold its replies here until it goes on; what is in flight already arrives."""
    present = _decided(channel, by)
    if present.paused_at is None:
        present.paused_at = at
        present.save(update_fields=["paused_at"])
        _record("channel_paused", present, by=by, at=at)


@transaction.atomic
def go_on(*, channel: Channel, by: User, at: datetime) -> None:
    """Let its replies leave again, what waited first."""
    present = _decided(channel, by)
    if present.paused_at is not None:
        present.paused_at = None
        present.save(update_fields=["paused_at"])
        _record("channel_went_on", present, by=by, at=at)


@transaction.atomic
def show_secret(*, channel: Channel, by: User, at: datetime) -> str:
    """Return what the network signs with; that somebody saw it is an event."""
    present = _decided(channel, by)
    _record("channel_secret_shown", present, by=by, at=at)
    return present.webhook_secret


@transaction.atomic
def rotate_secret(*, channel: Channel, by: User, at: datetime) -> None:
    """Make a new webhook secret; the old one is taken as well until `end_rotation`."""
    present = _decided(channel, by)
    if present.previous_webhook_secret:
        raise DeskError("The secret is being replaced already: end that first.")
    present.previous_webhook_secret = present.webhook_secret
    present.webhook_secret = _new_secret()
    present.save(update_fields=["previous_webhook_secret", "webhook_secret"])
    _record("channel_secret_rotated", present, by=by, at=at)


@transaction.atomic
def end_rotation(*, channel: Channel, by: User, at: datetime) -> None:
    """Take only the new webhook secret from now on."""
    present = _decided(channel, by)
    if present.previous_webhook_secret:
        present.previous_webhook_secret = ""
        present.save(update_fields=["previous_webhook_secret"])
        _record("channel_old_secret_dropped", present, by=by, at=at)


def _decided(channel: Channel, by: User) -> Channel:
    if not by.is_admin:
        raise DeskError("Only admins decide about channels.")
    return Channel.objects.select_for_update(of=("self",)).select_related("team").get(id=channel.pk)


def _record(kind: str, channel: Channel, *, by: User, at: datetime, **data: object) -> None:
    entry = Entry(kind=kind, by_id=by.pk, channel_id=channel.pk, team_id=channel.team_id, data=data)
    record([entry], at=at)


def _not_asked_for(channel: Channel) -> list[str]:
    always = ["previous_webhook_secret", "last_delivery_at", "paused_at"]
    has_no_token = channel.connector.receives_only or channel.network in BROUGHT_IN
    return [*always, "token"] if has_no_token else always


def _new_secret() -> str:
    """Return a secret as Standard Webhooks have it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
