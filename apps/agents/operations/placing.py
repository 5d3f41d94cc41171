"""Who somebody is at the desk: their role, their teams, and what an admin helps them out of."""

from collections.abc import Collection, Sequence
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from apps.agents.models import Membership, Presence, Shift, Team, User
from apps.agents.operations.being_there import note_seen, silent_at
from apps.agents.operations.leaving import end_all_sessions
from apps.common.errors import DeskError
from apps.ledger.recording import Entry, record


@transaction.atomic
def place(*, user: User, role: str, teams: Sequence[Team], by: User, at: datetime) -> None:
    """Give somebody a role and teams; only admins do, and one of them always stays one.

    The caller hands back what waits with them in teams they left.
    """
    admins = User.objects.select_for_update(no_key=True).filter(
        role=User.Role.ADMIN, is_active=True
    )
    left = {admin.pk for admin in admins.order_by("id")}
    if by.pk not in left:
        raise DeskError("Only admins decide about roles and teams.")
    if role not in User.Role.values:
        raise DeskError("Choose agent, manager or admin.")
    present = User.objects.select_for_update(no_key=True).get(id=user.pk)
    if present.pk in left and role != User.Role.ADMIN and len(left) == 1:
        raise DeskError(f"{present.first_name} is the last admin: make somebody else one first.")
    was, present.role = present.role, role
    present.save(update_fields=["role"])
    changed = _put_into(present, {team.pk for team in teams}, at=at)
    if changed or was != role:
        data = {"role": role, "was": was, "teams": sorted(team.pk for team in teams)}
        record([Entry(kind="user_placed", by_id=by.pk, user_id=user.pk, data=data)], at=at)


@transaction.atomic
def drop_second_factor(*, user: User, by: User, at: datetime) -> None:
    """Let somebody in who lost theirs: they sign in by password alone, and set up another one.

    They are signed out everywhere, since a lost telephone may be a stolen one.
    """
    if not by.is_admin or user.pk == by.pk:
        raise DeskError("Ask another admin for that: nobody takes their own away here.")
    User.objects.select_for_update(no_key=True).get(id=user.pk)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        return
    end_all_sessions(user)
    record([Entry(kind="second_factor_dropped", by_id=by.pk, user_id=user.pk)], at=at)


def _put_into(user: User, wanted: Collection[int], *, at: datetime) -> bool:
    """Change somebody's teams and return whether that changed anything.

    Who has teams for the first time is on shift until further notice, as whoever joins is.
    """
    now_in = set(Membership.objects.filter(user=user).values_list("team_id", flat=True))
    if now_in == set(wanted):
        return False
    Membership.objects.filter(user=user).exclude(team__in=wanted).delete()
    Membership.objects.bulk_create(
        [Membership(user=user, team_id=team_id) for team_id in sorted(set(wanted) - now_in)]
    )
    if wanted and not user.shifts.exists():
        Shift.objects.create(user=user, starts_at=at)
        note_seen(user=user, at=at)
    for presence in Presence.objects.filter(user=user):
        presence.away_at = silent_at(user, seen_at=presence.seen_at)
        presence.save(update_fields=["away_at"])
    return True
