"""People who work at the desk: users, their teams, their shifts and whether they are there."""

from apps.agents.models.digest import Cadence, Digest
from apps.agents.models.invitation import Invitation, InvitationQuerySet
from apps.agents.models.presence import Presence
from apps.agents.models.shift import Shift
from apps.agents.models.team import (
    HEAVIEST,
    LONGEST_MINUTES,
    Membership,
    Team,
    english,
    validate_weights,
)
from apps.agents.models.user import User

__all__ = [
    "HEAVIEST",
    "LONGEST_MINUTES",
    "Cadence",
    "Digest",
    "Invitation",
    "InvitationQuerySet",
    "Membership",
    "Presence",
    "Shift",
    "Team",
    "User",
    "english",
    "validate_weights",
]
