"""Explain: what is counted, what was left out and why, and the arithmetic of one wait."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console.figures_form import ExplainForm, Shown
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.models import Clock
from apps.reports.behind import Standing
from apps.reports.counted import waits
from apps.reports.exactly import ANSWERED
from apps.reports.explaining import Reckoning, explain, reckon


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Explain the figures an address asks for, and one of their waits if it names one."""
    form = ExplainForm(request.GET)
    shown = form.shown(user=request.user, at=timezone.now())
    wait_id = form.cleaned_data.get("wait") if form.is_valid() else None
    explained = explain(shown.question, kind=shown.kind)
    total = explained.answer.total
    context = {
        "shown": shown,
        "period": shown.question.period,
        "explained": explained,
        "times": explained.answer,
        "left_out": {str(reason): number for reason, number in explained.left_out.items()},
        "stood": [
            (Standing.MET, total.met, "met"),
            (Standing.BREACHED, total.breached, "late"),
            (Standing.PAST_DUE, total.past_due, "past due"),
        ],
        "judged": total.met + total.breached + total.past_due,
        "reckoning": _reckoned(shown, wait_id) if wait_id else None,
        "example": None if wait_id else _example(shown),
    }
    return render(request, "console/dashboard/explained.html", context)


def _reckoned(shown: Shown, wait_id: int) -> Reckoning:
    """One of the waits that are counted; any other there is none."""
    try:
        return reckon(_counted(shown).get(id=wait_id))
    except Clock.DoesNotExist as error:
        raise Http404 from error


def _counted(shown: Shown) -> QuerySet[Clock]:
    return waits(shown.question, shown.kind).select_related(
        "conversation__identity",
        "conversation__channel",
        "credited_to",
        "policy_version",
        "calendar_version__business_hours",
    )


def _example(shown: Shown) -> Clock | None:
    """The newest wait that was answered, for whoever wants to see one."""
    answered = waits(shown.question, shown.kind).filter(ANSWERED)
    return answered.order_by("-started_at", "-id").first()
