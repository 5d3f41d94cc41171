"""What the desk counts: one way for page, command, API and CSV."""

from apps.conversations.models import Clock
from apps.reports import exactly, rolled
from apps.reports.choosing import chosen, how_exact
from apps.reports.figures import Figures, Said, Times, Volume
from apps.reports.lines import lines_of
from apps.reports.models import Rollup
from apps.reports.questions import By, Question


def response_times(question: Question, *, kind: Clock.Kind, by: By | None = None) -> Times:
    """Measure the waits of one kind, resolutions among them, in all and line by line.

    Up to half a million clocks in the days asked about, figures are exact to the stored
    microsecond, with percentiles by linear interpolation (`percentile_cont`). Above, and where the
    desk has twice as many in those days, counts and means are as exact, and percentiles within the
    bounds that the answer tells. Where two filters or dimensions meet, of which rollups know
    nothing, they are exact and take their time: `apps.reports.fitting` tells who should not wait.
    """
    rollups = chosen(question, by, *Clock.Kind)
    if rollups is None:
        measured = exactly.measure_by(question, kind, by) if by else {}
        total = exactly.measure(question, kind)
    else:
        measured = rolled.measure_by(question, kind, by, rollups.lines) if by else {}
        total = rolled.measure(question, kind, rollups.whole)
    return Times(
        question=question,
        kind=kind,
        by=by,
        total=Figures(key=None, label="All", **total),
        lines=lines_of(
            measured, question=question, by=by, make=Figures, amount=lambda line: line.total
        ),
        **how_exact(question, rollups),
    )


def volume(question: Question, *, by: By | None = None) -> Volume:
    """Count what was said, in all and line by line: what customers wrote, on any surface, and what
    the network accepted of the desk's, whoever posted it there. Always exact.
    """
    rollups = chosen(question, by, Rollup.INBOUND, Rollup.OUTBOUND)
    if rollups is None:
        total = question.once("said", lambda: exactly.count(question))
        counted = exactly.count_by(question, by) if by else {}
    else:
        total = rolled.count(question, rollups.whole)
        counted = rolled.count_by(question, by, rollups.lines) if by else {}
    return Volume(
        question=question,
        by=by,
        total=Said(key=None, label="All", **total),
        lines=lines_of(
            counted,
            question=question,
            by=by,
            make=Said,
            amount=lambda line: line.inbound + line.outbound,
        ),
        **how_exact(question, rollups) | {"bound": 0.0},
    )
