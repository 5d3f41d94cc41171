"""Which rollups hold the answer to a question."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from apps.channels.models import Channel
from apps.reports.counted import channels_of
from apps.reports.models import Counting, Rollup
from apps.reports.periods import Period, next_month, zone
from apps.reports.questions import NOBODY, By, Question

Dimension, Span = Rollup.Dimension, Rollup.Span
ALONG = {
    By.CHANNEL: Dimension.CHANNEL,
    By.NETWORK: Dimension.CHANNEL,
    By.AGENT: Dimension.AGENT,
    By.SURFACE: Dimension.SURFACE,
    By.LANGUAGE: Dimension.LANGUAGE,
    By.TAG: Dimension.TAG,
    By.HOUR: Dimension.HOUR_OF_WEEK,
    By.HOUR_OF_WEEK: Dimension.HOUR_OF_WEEK,
}
Asked = list[tuple[Rollup.Dimension, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Part:
    """Which rollups hold an answer: of these teams, along one dimension, all lines or some."""

    team_ids: frozenset[int]
    dimension: Rollup.Dimension = Dimension.ALL
    values: frozenset[str] | None = None

    def along(self, by: By) -> "Part | None":
        """Return which rollups hold the lines of a breakdown of it."""
        if by not in ALONG:
            return self
        if self.dimension is Dimension.ALL:
            return replace(self, dimension=ALONG[by])
        is_told = self.dimension is ALONG[by] and by is not By.TAG
        return self if is_told else None

    def rows(self, question: Question, *kinds: str, by: By | None = None) -> QuerySet[Rollup]:
        """Return whole months where there are some and the days beside them; by day days alone."""
        counted = counting(question)
        found = Rollup.objects.filter(
            _days(question.period)
            if counted is None or by is By.DAY
            else _months_and_days(question.period, counted.summed_until),
            dimension=self.dimension,
            kind__in=kinds,
            team__in=self.team_ids,
        )
        return found if self.values is None else found.filter(value__in=self.values)


def counting(question: Question) -> Counting | None:
    """Return how all was counted, by days of the zone that the desk is in now; None where not."""
    return question.once("counting", lambda: Counting.objects.filter(zone=zone().key).first())


def everything(question: Question) -> Part:
    """Return the rollups of all teams, whatever is asked and whoever asks."""
    return Part(frozenset(_teams(question).values()))


def part_of(question: Question) -> Part | None:
    """Return which rollups hold all of what is asked, in one line.

    None where only the waits themselves tell: rollups keep one dimension at a time, and know
    nothing of two at once, such as what an agent answered on one surface.
    """
    teams = _teams(question)
    channels = frozenset(channels_of(question).values_list("id", flat=True))
    team_ids = frozenset(teams[channel] for channel in channels)
    asked = _asked(question)
    if asked is None:
        return None
    if channels != {channel for channel, team in teams.items() if team in team_ids}:
        asked.append((Dimension.CHANNEL, frozenset(map(str, channels))))
    if not asked:
        return Part(team_ids)
    [dimension, *others] = {dimension for dimension, _ in asked}
    values = frozenset.intersection(*(some for _, some in asked))
    return None if others else Part(team_ids, dimension, values)


def _teams(question: Question) -> dict[int, int]:
    """Return the team of every channel."""
    return question.once("teams", lambda: dict(Channel.objects.values_list("id", "team_id")))


def _asked(question: Question) -> Asked | None:
    filters = question.filters
    asked: Asked = []
    if filters.agent_id is not None:
        if not question.user.leads and filters.agent_id != question.user.pk:
            return None
        asked.append((Dimension.AGENT, _ids(filters.agent_id)))
    if filters.surface is not None:
        asked.append((Dimension.SURFACE, frozenset({filters.surface})))
    if filters.language is not None:
        asked.append((Dimension.LANGUAGE, frozenset({filters.language})))
    if filters.tag_id is not None:
        asked.append((Dimension.TAG, _ids(filters.tag_id)))
    if filters.hour is not None:
        hours = frozenset(str(hour) for hour in range(filters.hour, 7 * 24, 24))
        asked.append((Dimension.HOUR_OF_WEEK, hours))
    if filters.hour_of_week is not None:
        asked.append((Dimension.HOUR_OF_WEEK, frozenset({str(filters.hour_of_week)})))
    return asked


def _ids(key: int) -> frozenset[str]:
    return frozenset({str(key) if key != NOBODY else ""})


def _months_and_days(period: Period, summed_until: date) -> Q:
    """Return the whole months of a period that are summed, and the days before and after them."""
    months_from = period.first if period.first.day == 1 else next_month(period.first)
    days_again = min((period.last + timedelta(days=1)).replace(day=1), summed_until)
    if months_from >= days_again:
        return _days(period)
    days = _days(Period(period.first, months_from - timedelta(days=1)))
    days |= _days(Period(days_again, period.last))
    return days | Q(span=Span.MONTH, first__gte=months_from, first__lt=days_again)


def _days(period: Period) -> Q:
    return Q(span=Span.DAY, first__gte=period.first, first__lte=period.last)
