"""Equal wait: by language, network and hour, and a plain word where somebody fares worse."""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console import trend_tables
from apps.console.figures_form import FiguresForm, Shown
from apps.console.tables import Table
from apps.console.views.access import SignedIn, signed_in
from apps.console.views.trends import range_context
from apps.reports import equal, fitting
from apps.reports import queries as reports
from apps.reports.periods import Period
from apps.reports.questions import By

GROUPS = (By.LANGUAGE, By.NETWORK, By.HOUR)


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show each group's figures, and the warnings above them."""
    form = FiguresForm(request.GET)
    shown = until_yesterday(form.shown(user=request.user, at=timezone.now()))
    together = replace(shown.question, along=frozenset(GROUPS))
    shown = replace(shown, question=together)
    parts = [_part(shown, by) for by in GROUPS]
    context = range_context(form, shown) | {
        "parts": parts,
        "warned": any(part.get("unequal") for part in parts),
        "told": all("fits" not in part for part in parts),
        "rule": equal,
    }
    return render(request, "console/equal/page.html", context)


def until_yesterday(shown: Shown) -> Shown:
    """Leave today out, of which much is not over: else whoever wrote just now would seem worse off.

    A range that is today alone stays what it is.
    """
    question = shown.question
    yesterday = Period.of_days(1, at=question.at).before().last
    if question.period.first > yesterday or question.period.last <= yesterday:
        return shown
    period = replace(question.period, last=yesterday)
    return replace(shown, question=replace(question, period=period))


def table(by: By, shown: Shown) -> Table:
    """Return the figures of one kind of group."""
    until = until_yesterday(shown)
    times = reports.response_times(until.question, kind=until.kind, by=by)
    return trend_tables.groups(until, times)


def _part(shown: Shown, by: By) -> dict[str, object]:
    named = {"by": by, "title": trend_tables.GROUPS[by]}
    if fits := fitting.of_times(shown.question, by):
        return named | {"fits": fits}
    times = reports.response_times(shown.question, kind=shown.kind, by=by)
    return named | {
        "table": trend_tables.groups(shown, times),
        "total": times.total,
        "unequal": equal.unequal(times.lines, times.total),
    }
