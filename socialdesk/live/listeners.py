"""Who listens: from session keys to people and their teams."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from socialdesk.live.nudges import Audience

if TYPE_CHECKING:
    from apps.agents.models import User


@dataclass(frozen=True, slots=True)
class Listener:
    """A signed-in person; `teams` is None for an admin, who hears every team."""

    user_id: int
    teams: frozenset[int] | None

    def hears(self, audience: Audience) -> bool:
        """Whether a nudge concerns them."""
        if audience.user_id is not None:
            return audience.user_id == self.user_id
        team_id = audience.team_id
        return team_id is None or self.teams is None or team_id in self.teams


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a session says of itself; true only if the person's password still gives this hash."""

    user_id: int
    auth_hash: str


def find(session_keys: Collection[str], *, at: datetime) -> dict[str, Listener]:
    """Return the listener of each session that is good at this instant, in three queries.

    Missing: sessions that ended or expired, whose person was deactivated, changed the
    password or owes a second factor.
    The rules are those of `django.contrib.auth.get_user`, for many sessions at once.
    """
    claims = _claims(session_keys, at=at)
    people = _people({claim.user_id for claim in claims.values()})
    return {
        key: _listener(people[claim.user_id])
        for key, claim in claims.items()
        if claim.user_id in people and _still_signed_in(people[claim.user_id], claim.auth_hash)
    }


def _claims(session_keys: Collection[str], *, at: datetime) -> dict[str, _Claim]:
    sessions = SessionStore.get_model_class().objects.filter(
        session_key__in=session_keys, expire_date__gt=at
    )
    claims = {}
    for session in sessions:
        data = session.get_decoded()
        if data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS:
            claims[session.session_key] = _Claim(
                user_id=int(data[SESSION_KEY]), auth_hash=data.get(HASH_SESSION_KEY, "")
            )
    return claims


def _people(user_ids: Collection[int]) -> "dict[int, User]":
    people = get_user_model().objects.let_in().filter(id__in=user_ids)
    return {user.id: user for user in people.prefetch_related("teams")}


def _still_signed_in(user: "User", auth_hash: str) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(auth_hash, valid) for valid in hashes)


def _listener(user: "User") -> Listener:
    teams = None if user.is_admin else frozenset(team.id for team in user.teams.all())
    return Listener(user_id=user.id, teams=teams)
