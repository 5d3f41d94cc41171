"""Presence: what people choose, and what the desk sees of them. It lives in PostgreSQL alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from apps.agents.models import Membership, Presence, Team, User
from apps.ledger.recording import Entry, nudge, record

SEEN_EVERY = timedelta(minutes=1)


def note_seen(*, user: User, at: datetime) -> None:
    """Note that somebody did something at the desk; written at most once a minute.

    Who comes for the first time is on from then, and who was away by silence is on again.
    """
    known = user.known_presence
    if known is not None and at - known.seen_at < SEEN_EVERY:
        return
    seen = Presence(user=user, chosen_at=at, seen_at=at, away_at=silent_at(user, seen_at=at))
    Presence.objects.bulk_create(
        [seen], update_conflicts=True, update_fields=["seen_at", "away_at"], unique_fields=["user"]
    )
    if known is None or known.standing(at=at) != known.chosen:
        tell_colleagues([user.pk])
    if known is None:
        user.presence = seen
    else:
        known.seen_at, known.away_at = seen.seen_at, seen.away_at


@transaction.atomic
def choose(*, user: User, standing: Presence.Standing, at: datetime) -> None:
    """Set somebody on, away or off by their own decision.

    Their row is locked first: a router at work ends before, and the next one sees the choice.
    """
    User.objects.select_for_update(no_key=True).get(id=user.pk)
    user.presence, _ = Presence.objects.update_or_create(
        user=user,
        defaults={
            "chosen": standing,
            "chosen_at": at,
            "seen_at": at,
            "away_at": silent_at(user, seen_at=at),
        },
    )
    entry = Entry(
        kind="presence_chosen",
        by_id=user.pk,
        user_id=user.pk,
        data={"standing": str(standing)},
        quiet=True,
    )
    record([entry], at=at)
    tell_colleagues([user.pk])


def note_departures(*, at: datetime, since: datetime) -> int:
    """Tell open pages of those whom silence made away between two looks; called by the sweep."""
    gone = Presence.objects.filter(
        chosen=Presence.Standing.ON, away_at__gt=since, away_at__lte=at
    ).values_list("user_id", flat=True)
    tell_colleagues(list(gone))
    return len(gone)


def silent_at(user: User, *, seen_at: datetime) -> datetime | None:
    """When somebody seen at `seen_at` becomes away: by the most patient of their teams."""
    patience = list(Team.objects.filter(users=user).values_list("away_minutes", flat=True))
    if not patience or None in patience:
        return None
    return seen_at + timedelta(minutes=max(minutes for minutes in patience if minutes))


def tell_colleagues(user_ids: Iterable[int]) -> None:
    """Nudge the teams of these people once the change is stored."""
    teams = Membership.objects.filter(user__in=user_ids).values_list("team_id", flat=True)
    for team_id in set(teams):
        transaction.on_commit(partial(nudge, kind="presence", team_id=team_id, data={}))
