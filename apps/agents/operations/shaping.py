"""How a team works and what its people can take, decided by whoever manages them."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError

from apps.agents.models import Presence, Team, User
from apps.agents.operations.being_there import silent_at
from apps.common.errors import DeskError, sentence
from apps.ledger.recording import Entry, record

OF_A_TEAM = (
    "name",
    "mode",
    "return_minutes",
    "affinity_minutes",
    "away_minutes",
    "languages",
    "weights",
)
OF_A_PERSON = ("capacity", "languages", "skills")
OF_ONESELF = (
    "name",
    "initials",
    "languages",
    "undo_seconds",
    "theme",
    "muted_kinds",
    "mailed_kinds",
    "digest",
)


def team_named(*, name: str, by: User | None, at: datetime) -> Team:
    """Return the team of that name, made now where there is none; DeskError says what is wrong."""
    found = Team.objects.filter(name=" ".join(name.split())).first()
    return found or add_team(name=name, by=by, at=at)


@transaction.atomic
def add_team(*, name: str, by: User | None, at: datetime) -> Team:
    """Make a team; DeskError says what to correct."""
    if by is not None and not by.is_admin:
        raise DeskError("Only admins make teams.")
    team = Team(name=" ".join(name.split()))
    try:
        team.full_clean()
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    team.save()
    entry = Entry(
        kind="team_added",
        by_id=by.pk if by else None,
        team_id=team.pk,
        data={"name": team.name},
        quiet=True,
    )
    record([entry], at=at)
    return team


@transaction.atomic
def remove_team(*, team: Team, by: User, at: datetime) -> None:
    """Remove a team that nobody is in and no channel is answered by."""
    if not by.is_admin:
        raise DeskError("Only admins remove teams.")
    present = Team.objects.select_for_update().filter(id=team.pk).first()
    if present is None:
        return
    if present.users.exists():
        raise DeskError(f"There are people in {present.name}: put them into other teams first.")
    try:
        with transaction.atomic():
            present.delete()
    except (ProtectedError, RestrictedError) as error:
        raise DeskError(
            f"Something still belongs to {present.name}, such as a channel: give it to another "
            "team first."
        ) from error
    data = {"team": team.pk, "name": team.name}
    record([Entry(kind="team_removed", by_id=by.pk, data=data)], at=at)


@transaction.atomic
def change_team(*, team: Team, changes: Mapping[str, object], by: User, at: datetime) -> None:
    """Change how a team works: any of OF_A_TEAM. DeskError says what to correct."""
    if not by.manages(team):
        raise DeskError(f"Only managers of {team.name} and admins decide how it works.")
    changed = _change(Team.objects.select_for_update().get(id=team.pk), changes, OF_A_TEAM)
    if not changed:
        return
    data = {"team": team.pk, "changed": changed}
    record([Entry(kind="team_changed", by_id=by.pk, team_id=team.pk, data=data)], at=at)
    if "away_minutes" in changed:
        for presence in Presence.objects.filter(user__teams=team).select_related("user"):
            presence.away_at = silent_at(presence.user, seen_at=presence.seen_at)
            presence.save(update_fields=["away_at"])


@transaction.atomic
def change_person(*, user: User, changes: Mapping[str, object], by: User, at: datetime) -> None:
    """Change what somebody can take: any of OF_A_PERSON. DeskError says what to correct.

    Agents say themselves which languages they write; the rest is their managers' decision.
    """
    is_own_word = by.pk == user.pk and set(changes) <= {"languages"}
    if not (is_own_word or by.manages_person(user)):
        raise DeskError(f"Only {user.first_name}'s managers and admins decide that.")
    changed = _change(
        User.objects.select_for_update(no_key=True).get(id=user.pk), changes, OF_A_PERSON
    )
    if changed:
        entry = Entry(kind="user_changed", by_id=by.pk, user_id=user.pk, data={"changed": changed})
        record([entry], at=at)


@transaction.atomic
def change_oneself(*, changes: Mapping[str, object], by: User, at: datetime) -> None:
    """Change what people decide for themselves: any of OF_ONESELF. DeskError says what to correct.

    Messages and the ledger know people by number: a new name is theirs for all they ever wrote.
    """
    changed = _change(
        User.objects.select_for_update(no_key=True).get(id=by.pk), changes, OF_ONESELF
    )
    if changed:
        entry = Entry(kind="user_changed", by_id=by.pk, user_id=by.pk, data={"changed": changed})
        record([entry], at=at)


def _change(row: Model, changes: Mapping[str, object], allowed: tuple[str, ...]) -> list[str]:
    """Store what differs and return its names."""
    changed = [name for name in allowed if name in changes and getattr(row, name) != changes[name]]
    for name in changed:
        setattr(row, name, changes[name])
    others = [field.name for field in row._meta.fields if field.name not in changed]
    try:
        row.clean_fields(exclude=others)
        row.validate_unique(exclude=others)
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    if changed:
        row.save(update_fields=changed)
    return sorted(changed)
