"""Counting rollups anew from the clocks and messages themselves, day by day of a team.

A cell, one team's day, is never added to: it is counted again as a whole. So what changed late
corrects the past, and counting what was noted ends in the same rows as counting everything.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, LiteralString

from django.db import connection, transaction
from django.db.models import Max, Min, Q

from apps.agents.models import Team
from apps.channels.models import Channel
from apps.common import sets
from apps.conversations.models import Clock, Message, Uncounted
from apps.reports.histograms import BEGINNINGS, DIGITS
from apps.reports.models import Counting, Rollup
from apps.reports.periods import Period, next_month, zone
from apps.reports.rollup_sql import DAYS, MONTHS

Cell = tuple[date, int]

TAKEN_AT_ONCE = 20_000
QUARTER = timedelta(minutes=15)
RESTS = 15
"""So many times as long as a count took the sweep rests."""
LONGEST_REST = timedelta(minutes=5)
ROOM = "64MB"
"""What a statement may hold in memory: with less PostgreSQL looks each row up in a list."""
AT_ONCE = timedelta(days=31)
"""Days that far apart are counted in one go: one look at the clocks and messages between them."""


def count_in_turn(*, at: datetime, limit: int = TAKEN_AT_ONCE) -> int:
    """Count what was noted, unless the sweep still rests from what it counted before.

    A cell is counted as a whole, so the more a day holds the longer it takes: the sweep then comes
    less often, and answers tell since when something is not counted. While there is more than is
    taken at once it does not rest.
    """
    counting = Counting.objects.filter(zone=zone().key)
    if counting.filter(rests_until__gt=at).exists():
        return 0
    began = monotonic()
    number = count_noted(at=at, limit=limit)
    if number and not Uncounted.objects.filter(noted_at__lt=at).exists():
        rest = RESTS * timedelta(seconds=monotonic() - began)
        counting.update(rests_until=at + min(rest, LONGEST_REST))
    return number


@transaction.atomic
def count_noted(*, at: datetime, limit: int = TAKEN_AT_ONCE) -> int:
    """Count the cells anew in which something changed, the first time all; return how many."""
    _hold()
    counting = Counting.objects.filter(zone=zone().key).first()
    if counting is None:
        return _count_all(at)
    cells = _noted(limit) | _moved(counting.summed_until)
    _count_days(cells, is_from_nothing=False)
    _sum_months({cell for cell in cells if cell[0] < counting.summed_until}, is_from_nothing=False)
    _sum_what_is_over(counting, at)
    return len(cells)


@transaction.atomic
def count_everything(*, at: datetime) -> int:
    """Count all cells anew, whatever was counted before; return how many."""
    _hold()
    return _count_all(at)


def is_counted() -> bool:
    """Whether all was counted, by days of the zone that the desk is in now."""
    return Counting.objects.filter(zone=zone().key).exists()


def _hold() -> None:
    """One counts at a time, with room to do so; nobody who writes or reads waits for it."""
    sets.execute("SELECT pg_advisory_xact_lock(hashtext(%b::text))", "rollups")
    sets.execute("SELECT set_config('work_mem', %b::text, true)", ROOM)


def _count_all(at: datetime) -> int:
    """Notes come first: what is noted from now on is seen again afterwards."""
    Uncounted.objects.all().delete()
    Rollup.objects.all().delete()
    Counting.objects.all().delete()
    team_ids = list(Team.objects.values_list("id", flat=True))
    cells = {(day, team_id) for day in _all_days() for team_id in team_ids}
    _count_days(cells, is_from_nothing=True)
    month = _month_of(at)
    _sum_months({cell for cell in cells if cell[0] < month}, is_from_nothing=True)
    Counting.objects.create(zone=zone().key, summed_until=month)
    return len(cells)


def _sum_what_is_over(counting: Counting, at: datetime) -> None:
    """Sum the months that ended since that was done last."""
    month = counting.summed_until
    if month >= _month_of(at):
        return
    team_ids = list(Team.objects.values_list("id", flat=True))
    over: set[Cell] = set()
    while month < _month_of(at):
        over |= {(month, team_id) for team_id in team_ids}
        month = next_month(month)
    _sum_months(over, is_from_nothing=False)
    Counting.objects.filter(pk=counting.pk).update(summed_until=month)


def _month_of(at: datetime) -> date:
    return at.astimezone(zone()).date().replace(day=1)


def _all_days() -> Iterator[date]:
    edges = Clock.objects.aggregate(first=Min("started_at"), last=Max("started_at")) | {
        f"{name} said": at
        for name, at in Message.objects.aggregate(
            first=Min("posted_at"), last=Max("posted_at")
        ).items()
    }
    days = [at.astimezone(zone()).date() for at in edges.values() if at is not None]
    if days:
        yield from (min(days) + timedelta(days=n) for n in range((max(days) - min(days)).days + 1))


def _noted(limit: int) -> set[Cell]:
    rows = sets.execute(
        """
        WITH taken AS (
            DELETE FROM conversations_uncounted WHERE id = ANY(ARRAY(
                SELECT id FROM conversations_uncounted ORDER BY id LIMIT %b::bigint
            )) RETURNING channel_id, quarter
        )
        SELECT DISTINCT channel.team_id, taken.quarter
        FROM taken JOIN channels_channel channel ON channel.id = taken.channel_id
        """,
        limit,
    )
    return {(day, team_id) for team_id, quarter in rows for day in _days_of(quarter)}


def _days_of(quarter: datetime) -> set[date]:
    """A day may have begun within it, where a zone is off by odd minutes."""
    last = quarter + QUARTER - timedelta(microseconds=1)
    return {at.astimezone(zone()).date() for at in (quarter, last)}


def _moved(summed_until: date) -> set[Cell]:
    """Return what was counted for a team that no longer answers the channel, of both teams."""
    team_of = dict(Channel.objects.values_list("id", "team_id"))
    counted = Rollup.objects.filter(dimension=Rollup.Dimension.CHANNEL)
    since = Q(span=Rollup.Span.DAY, first__gte=summed_until)
    all_of_it = counted.filter(Q(span=Rollup.Span.MONTH) | since)
    pairs = all_of_it.values_list("value", "team_id").distinct()
    moved = {value: team for value, team in pairs if team_of.get(int(value)) != team}
    days = counted.filter(span=Rollup.Span.DAY, value__in=moved).values_list(
        "first", "team_id", "value"
    )
    return {
        (day, team_id)
        for day, before, value in days
        if moved[value] == before
        for team_id in (before, team_of[int(value)])
    }


def _count_days(cells: Collection[Cell], *, is_from_nothing: bool) -> None:
    for some in _in_runs(cells):
        days, team_ids = zip(*some, strict=True)
        told: dict[str, Any] = {
            "starts_at": Period(days[0], days[0]).starts_at,
            "ends_at": Period(days[-1], days[-1]).ends_at,
            "zone": zone().key,
            "beginnings": BEGINNINGS,
            "digits": DIGITS,
        }
        _store(DAYS, days, team_ids, told, is_from_nothing=is_from_nothing)


def _sum_months(cells: Collection[Cell], *, is_from_nothing: bool) -> None:
    """Sum the months that hold cells from their days."""
    months = {(day.replace(day=1), team_id) for day, team_id in cells}
    for some in _in_runs(months):
        firsts, team_ids = zip(*some, strict=True)
        _store(MONTHS, firsts, team_ids, {}, is_from_nothing=is_from_nothing)


def _store(
    statement: LiteralString,
    days: Sequence[date],
    team_ids: Sequence[int],
    told: dict[str, Any],
    *,
    is_from_nothing: bool,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            told
            | {
                "days": list(days),
                "teams": list(team_ids),
                "is_from_nothing": is_from_nothing,
                "kinds": list(Rollup.KINDS),
                "dimensions": Rollup.Dimension.values,
            },
        )


def _in_runs(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Yield cells whose days lie near each other, so that no look spans years."""
    run: list[Cell] = []
    for cell in sorted(cells):
        if run and cell[0] - run[0][0] >= AT_ONCE:
            yield run
            run = []
        run.append(cell)
    if run:
        yield run
