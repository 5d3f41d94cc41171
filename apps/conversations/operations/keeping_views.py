"""Keeping views: anyone their own, managers those of their teams."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.agents.models import Team, User
from apps.common.errors import DeskError
from apps.conversations.models import SavedView
from apps.ledger.recording import Entry, record

MOST_KEPT = 30
KEPT, CHANGED, DROPPED = "view_kept", "view_changed", "view_dropped"


@transaction.atomic
def keep_view(
    *,
    name: str,
    queue: str,
    given: Mapping[str, str],
    team: Team | None,
    by: User,
    at: datetime,
) -> SavedView:
    """Keep a list under a name, for oneself or for a team that one manages."""
    _may_share(team, by)
    if SavedView.objects.filter(owner=by).count() >= MOST_KEPT:
        raise DeskError(f"You keep {MOST_KEPT} views already. Delete one first.")
    view = SavedView.objects.create(
        name=_named(name), queue=queue, given=dict(given), team=team, owner=by
    )
    _record(KEPT, view, by=by, at=at)
    return view


@transaction.atomic
def change_view(
    *,
    view: SavedView,
    name: str,
    queue: str,
    given: Mapping[str, str],
    team: Team | None,
    by: User,
    at: datetime,
) -> None:
    """Give a view another name, other filters, or share it."""
    _may_change(view, by)
    if team != view.team:
        _may_share(team, by)
    view.name, view.queue, view.given, view.team = _named(name), queue, dict(given), team
    view.save()
    _record(CHANGED, view, by=by, at=at)


@transaction.atomic
def drop_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Delete a view; what stood in it stays where it is."""
    _may_change(view, by)
    _record(DROPPED, view, by=by, at=at)
    view.delete()


def _named(name: str) -> str:
    if not name.strip():
        raise DeskError("Give the view a name.")
    return name.strip()[: SavedView.LONGEST_NAME]


def _may_share(team: Team | None, by: User) -> None:
    if team is not None and not by.manages(team):
        raise DeskError(f"Only who manages {team.name} shares views with it.")


def _may_change(view: SavedView, by: User) -> None:
    if not view.is_kept_by(by):
        raise DeskError("This view is somebody else's. Keep one of your own under another name.")


def _record(kind: str, view: SavedView, *, by: User, at: datetime) -> None:
    """A view of one's own is nobody else's business: no other page is told."""
    entry = Entry(
        kind=kind,
        by_id=by.pk,
        team_id=view.team_id,
        data={"view": view.pk, "name": view.name},
        quiet=view.team_id is None,
    )
    record([entry], at=at)
