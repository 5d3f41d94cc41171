"""Every table of the dashboard as a file, with the same rights and the same figures."""

from collections.abc import Callable
from functools import partial

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console import board_tables, trend_tables
from apps.console.figures_form import FiguresForm, Shown
from apps.console.files import as_csv
from apps.console.tables import Table
from apps.console.views import equal, trends
from apps.console.views.access import SignedIn, signed_in
from apps.reports import queries as reports
from apps.reports.legs import legs
from apps.reports.personal import personal_by_agent, personal_by_day
from apps.reports.questions import By


def _days(shown: Shown) -> Table:
    now, before = (
        reports.response_times(one, kind=shown.kind, by=By.DAY)
        for one in (shown.question, shown.question.before())
    )
    return trend_tables.days(shown, now, before)


def _heat(shown: Shown) -> Table:
    return trend_tables.heat(shown, reports.volume(shown.question, by=By.HOUR_OF_WEEK))


def _volume(shown: Shown) -> Table:
    return trend_tables.said(shown, reports.volume(shown.question, by=By.DAY))


def _legs(shown: Shown) -> Table:
    question = shown.question
    return trend_tables.legs(shown, legs(question), legs(question.before()))


TABLES: dict[str, Callable[[Shown], Table]] = {
    "lines": trends.lines_table,
    "days": _days,
    "heat": _heat,
    "volume": _volume,
    "legs": _legs,
    "personal": lambda shown: trend_tables.personal(shown, personal_by_agent(shown.question)),
    "personal_days": lambda shown: trend_tables.personal_days(
        shown, personal_by_day(shown.question)
    ),
    **{str(by): partial(equal.table, by) for by in equal.GROUPS},
    "people": lambda shown: board_tables.people(user=shown.question.user, at=shown.question.at),
    "channels": lambda shown: board_tables.channels(user=shown.question.user, at=shown.question.at),
    "late": lambda shown: board_tables.late(user=shown.question.user, at=shown.question.at),
}


@signed_in
@require_safe
def table(request: SignedIn, table: str) -> StreamingHttpResponse:
    """Send one table of what the address asks for."""
    shown = FiguresForm(request.GET).shown(user=request.user, at=timezone.now())
    period = shown.question.period
    filename = f"{table}-{period.first}-{period.last}.csv"
    return as_csv(TABLES[table](shown).lines(), filename=filename)
