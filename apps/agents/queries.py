"""Who is on when: a team's week, day by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from apps.agents.models import Membership, Shift, Team, User

DAYS = 7


@dataclass(frozen=True, slots=True)
class Part:
    """What of a shift falls on one day; None where it goes on from before, or beyond the day."""

    shift: Shift
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """One person's week: seven days, each with its parts in order."""

    person: User
    is_on: bool
    days: Sequence[Sequence[Part]]


def team_week(team: Team, monday: date, *, zone: ZoneInfo, at: datetime) -> list[PersonWeek]:
    """Return the week of everybody in a team, by name, in two statements."""
    midnights = [
        datetime.combine(monday + timedelta(days=day), time(), zone) for day in range(DAYS + 1)
    ]
    on_shift = User.objects.on_shift(at=at).filter(id=OuterRef("id"))
    people = list(
        User.objects.filter(
            id__in=Membership.objects.filter(team=team).values("user"), is_active=True
        )
        .annotate(is_on_shift=Exists(on_shift))
        .order_by("name", "id")
    )
    shifts = Shift.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=midnights[0]),
        user__in=people,
        starts_at__lt=midnights[-1],
    ).order_by("starts_at", "id")
    theirs: dict[int, list[Shift]] = {person.pk: [] for person in people}
    for shift in shifts:
        theirs[shift.user_id].append(shift)
    return [
        PersonWeek(person, person.is_on_shift, list(_days(theirs[person.pk], midnights)))
        for person in people
    ]


def _days(shifts: Sequence[Shift], midnights: Sequence[datetime]) -> Iterable[list[Part]]:
    for begin, end in pairwise(midnights):
        yield [
            Part(
                shift,
                shift.starts_at if shift.starts_at >= begin else None,
                shift.ends_at if shift.ends_at is not None and shift.ends_at <= end else None,
            )
            for shift in shifts
            if shift.starts_at < end and (shift.ends_at is None or shift.ends_at > begin)
        ]
