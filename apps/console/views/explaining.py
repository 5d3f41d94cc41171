"""Explain: what is counted, what was left out and why, and the arithmetic of one wait."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.console.figures_form import ExplainForm, Shown
from apps.console.views.access import SignedIn, signed_in
from apps.conversations.models import Clock, Message
from apps.reports import queries as reports
from apps.reports.counted import waits
from apps.reports.exactly import ANSWERED


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Explain the figures an address asks for, and one of their waits if it names one."""
    form = ExplainForm(request.GET)
    shown = form.shown(user=request.user, at=timezone.now())
    wait_id = form.cleaned_data.get("wait") if form.is_valid() else None
    times = reports.response_times(shown.question, kind=shown.kind)
    total = times.total
    context = {
        "shown": shown,
        "period": shown.question.period,
        "times": times,
        "judged": total.met + total.breached + total.past_due,
        "wait": _wait(shown, wait_id) if wait_id else None,
        "example": _example(shown),
    }
    return render(request, "console/dashboard/explained.html", context)


def _wait(shown: Shown, wait_id: int) -> dict[str, object]:
    """One of the waits that are counted; any other there is none."""
    try:
        clock = _counted(shown).get(id=wait_id)
    except Clock.DoesNotExist as error:
        raise Http404 from error
    return {
        "clock": clock,
        "opening": _opening(clock),
        "steps": list(zip(clock.legs.items(), _marks(clock), strict=True)) if clock.legs else [],
    }


def _counted(shown: Shown) -> QuerySet[Clock]:
    return waits(shown.question, shown.kind).select_related(
        "conversation__identity",
        "conversation__channel",
        "credited_to",
        "reply",
        "policy_version",
        "calendar_version__business_hours",
    )


def _example(shown: Shown) -> Clock | None:
    """The newest wait that was answered, for whoever wants to see one."""
    answered = waits(shown.question, shown.kind).filter(ANSWERED)
    return answered.order_by("-started_at", "-id").first()


def _opening(clock: Clock) -> Message | None:
    return clock.conversation.messages.filter(
        direction=Message.Direction.INBOUND, posted_at=clock.started_at
    ).first()


def _marks(clock: Clock) -> list[datetime | None]:
    """When each leg ended; a mark nobody made lies where the leg before it ended."""
    return [
        clock.received_at,
        clock.assigned_at,
        clock.read_at,
        clock.sent_at,
        clock.stopped_at,
    ]
