"""Connecting brand accounts, and what their conversations ask of agents."""

import base64
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.channels.registry import BROUGHT_IN, CONNECTORS
from apps.common.errors import DeskError, sentence
from apps.ledger.recording import Entry, record


@transaction.atomic
def connect(
    *,
    network: str,
    handle: str,
    account_id: str,
    team: Team,
    base_url: str,
    token: str,
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


def _not_asked_for(channel: Channel) -> list[str]:
    always = ["previous_webhook_secret", "last_delivery_at"]
    has_no_token = channel.connector.receives_only or channel.network in BROUGHT_IN
    return [*always, "token"] if has_no_token else always


def _new_secret() -> str:
    """Return a secret as Standard Webhooks have it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
