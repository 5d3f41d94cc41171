"""What the desk counts: one way for page, command, API and CSV."""

from apps.conversations.models import Clock
from apps.reports import exactly
from apps.reports.figures import Figures, Said, Times, Volume
from apps.reports.lines import lines_of
from apps.reports.questions import By, Question


def response_times(question: Question, *, kind: Clock.Kind, by: By | None = None) -> Times:
    """Measure the waits of one kind, resolutions among them, in all and line by line.

    Figures are exact to the stored microsecond, with percentiles by linear interpolation
    (`percentile_cont`).
    """
    return Times(
        question=question,
        kind=kind,
        by=by,
        total=Figures(key=None, label="All", **exactly.measure(question, kind)),
        lines=lines_of(
            exactly.measure_by(question, kind, by),
            question=question,
            by=by,
            make=Figures,
            amount=lambda line: line.total,
        )
        if by
        else [],
    )


def volume(question: Question, *, by: By | None = None) -> Volume:
    """Count what was said, in all and line by line: what customers wrote, on any surface, and what
    the network accepted of the desk's, whoever posted it there.
    """
    return Volume(
        question=question,
        by=by,
        total=Said(key=None, label="All", **exactly.count(question)),
        lines=lines_of(
            exactly.count_by(question, by),
            question=question,
            by=by,
            make=Said,
            amount=lambda line: line.inbound + line.outbound,
        )
        if by
        else [],
    )
