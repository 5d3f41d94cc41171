"""Trends: how a range of days went, beside the days before."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.console import drawing, trend_tables
from apps.console.figures_form import BREAKDOWNS, FiguresForm, Shown
from apps.console.tables import Table
from apps.console.views.access import SignedIn, signed_in
from apps.console.views.wall import tiles_context
from apps.conversations.models import Clock
from apps.labels.models import Tag
from apps.reports import fitting
from apps.reports import queries as reports
from apps.reports.legs import legs
from apps.reports.periods import Period, zone
from apps.reports.personal import is_asked, personal, personal_by_agent, personal_by_day
from apps.reports.questions import By
from apps.sla.queries import present_policies

PRESETS = ((1, "Today"), (7, "7 days"), (30, "30 days"), (90, "90 days"))
MOST_TARGETS = 3


@signed_in
@require_safe
def page(request: SignedIn) -> HttpResponse:
    """Show the tiles of now, and below them how the days went."""
    at = timezone.now()
    form = FiguresForm(request.GET)
    shown = form.shown(user=request.user, at=at)
    context = range_context(form, shown) | tiles_context(request.user, at) | _figures(shown)
    return render(request, "console/trends/page.html", context)


def range_context(form: FiguresForm, shown: Shown) -> dict[str, object]:
    """Return what the head of a page of figures says: the days, and what narrows them."""
    question = shown.question
    return {
        "form": form,
        "shown": shown,
        "period": question.period,
        "before": question.period.before(),
        "presets": [
            (days, words, Period.of_days(days, at=question.at) == question.period)
            for days, words in PRESETS
        ],
        "zone": zone(),
        "kinds": [(kind, f"?{shown.query(kind=str(kind))}") for kind in Clock.Kind],
        "offered": _offered(question.user, shown),
    }


def _figures(shown: Shown) -> dict[str, object]:
    question, kind = shown.question, shown.kind
    if fits := fitting.of_times(question, None):
        return {"fits": fits}
    days, before = (
        reports.response_times(one, kind=kind, by=By.DAY) for one in (question, question.before())
    )
    return {
        "times": days,
        "earlier": before,
        "others": [
            (
                one,
                reports.response_times(question, kind=one).total,
                f"?{shown.query(kind=str(one))}",
            )
            for one in Clock.Kind
            if one != kind
        ],
        "days": trend_tables.days(shown, days, before),
        "targets": _targets(shown),
        "breakdowns": [
            (by, words, f"?{shown.query(by=str(by))}#lines") for by, words in BREAKDOWNS.items()
        ],
        "volume": trend_tables.said(shown, reports.volume(question, by=By.DAY)),
        **_lines(shown),
        **_legs(shown),
        **_heat(shown),
        **_personal(shown),
    }


def _lines(shown: Shown) -> dict[str, object]:
    label = {"by_label": BREAKDOWNS[shown.by]}
    if fits := fitting.of_times(shown.question, shown.by):
        return label | {"lines_fit": fits}
    return label | {"lines": lines_table(shown)}


def _legs(shown: Shown) -> dict[str, object]:
    if fits := fitting.of_legs(shown.question):
        return {"legs_fit": fits}
    found, earlier = legs(shown.question), legs(shown.question.before())
    return {
        "legs": found,
        "legs_table": trend_tables.legs(shown, found, earlier),
        "strip": drawing.strip(found),
    }


def _heat(shown: Shown) -> dict[str, object]:
    if fits := fitting.of_volume(shown.question, By.HOUR_OF_WEEK):
        return {"heat_fits": fits}
    hours = trend_tables.heat(shown, reports.volume(shown.question, by=By.HOUR_OF_WEEK))
    return {"heat": hours, "cells": drawing.heat(hours)}


def _personal(shown: Shown) -> dict[str, object]:
    question = shown.question
    if not is_asked(question):
        return {}
    return {
        "personal": personal(question),
        "personal_before": personal(question.before()),
        "personal_table": trend_tables.personal(shown, personal_by_agent(question)),
        "personal_days": trend_tables.personal_days(shown, personal_by_day(question)),
    }


def lines_table(shown: Shown) -> Table:
    """Return the breakdown that is asked for."""
    now, before = (
        reports.response_times(one, kind=shown.kind, by=shown.by)
        for one in (shown.question, shown.question.before())
    )
    return trend_tables.lines(shown, now, before)


def _targets(shown: Shown) -> list[tuple[int, str]]:
    """What is promised at present, in seconds, and how the drawing names it."""
    minutes = {getattr(one, f"{shown.kind}_minutes"): one.name for one in present_policies()}
    promised = sorted((one, name) for one, name in minutes.items() if one)
    return [(60 * one, f"{name}: {_spoken(one)}") for one, name in promised[:MOST_TARGETS]]


def _spoken(minutes: int) -> str:
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:g} h"


def _offered(user: User, shown: Shown) -> list[tuple[str, str, list[tuple[int, str, bool]]]]:
    """Return the selects that narrow the figures, where somebody has a choice."""
    filters = shown.question.filters
    teams = Team.objects.all() if user.is_admin else user.teams.all()
    people = User.objects.colleagues_of(user).filter(is_active=True) if user.leads else []
    selects = [
        ("team", "Team", teams.order_by("name"), filters.team_id),
        ("channel", "Channel", Channel.objects.answered_by(user), filters.channel_id),
        ("agent", "Person", people, filters.agent_id),
        ("tag", "Tag", Tag.objects.filter(is_retired=False), filters.tag_id),
    ]
    offered = [
        (name, label, [(one.pk, str(one), one.pk == chosen) for one in rows])
        for name, label, rows, chosen in selects
    ]
    return [one for one in offered if len(one[2]) > 1]
