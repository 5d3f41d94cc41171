"""Questions as tests ask them, and waits to ask about."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock
from apps.reports import queries
from apps.reports.figures import Times
from apps.reports.periods import Period
from apps.reports.questions import By, Filters, Question
from tests.people import NOON, Kim, arrive, brand_says, minutes

FIRST, NEXT, RESOLUTION = Clock.Kind
SUMMED = ("count", "dismissed", "running", "met", "breached", "past_due")


def asked(
    user: User,
    *,
    first: date | None = None,
    last: date | None = None,
    at: datetime = NOON,
    **filters: Any,
) -> Question:
    """About that day unless told otherwise."""
    period = Period(first or NOON.date(), last or first or NOON.date())
    return Question(user=user, period=period, at=at, filters=Filters(**filters))


def answered_after(
    channel: Channel,
    wait: float,
    *,
    person: str,
    signed: str = "^AB",
    at: datetime = NOON,
    **said: Any,
) -> None:
    """A question of that person, and an answer so many minutes later."""
    question = Kim(channel, author_id=person).writes(at=at, **said)
    answer = brand_says(
        channel,
        f"there you go {signed}",
        at=at + minutes(wait),
        parent_id=question.external_id,
    )
    arrive(channel, answer, at=at + minutes(wait))


def lines_add_up(question: Question, *, kind: Clock.Kind) -> dict[By, Times]:
    """Hold each breakdown to its total, and each line to the same question asked of it alone."""
    answers = {by: queries.response_times(question, kind=kind, by=by) for by in By}
    for by, answer in answers.items():
        for name in SUMMED:
            summed = sum(getattr(line, name) for line in answer.lines)
            assert summed == getattr(answer.total, name), (by, name)
        for line in answer.lines:
            alone = queries.response_times(question.of_line(by, line.key), kind=kind).total
            assert replace(alone, key=line.key, label=line.label) == line, (by, line.label)
    return answers
