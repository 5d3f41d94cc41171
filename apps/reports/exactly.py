"""The exact way: figures over the waits and messages themselves."""

from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

from django.db.models import Aggregate, Count, Expression, F, FloatField, Q

from apps.conversations.models import Clock, Message
from apps.reports.counted import key_of_messages, key_of_waits, messages, waits
from apps.reports.grouping import Lines, Measures, grouped
from apps.reports.lines import Measured
from apps.reports.promises import BREACHED, MET, RUNNING
from apps.reports.questions import By, Question
from apps.reports.running import running

ANSWERED = Q(stop__in=[Clock.Stop.REPLY, Clock.Stop.RESOLVED])
DISMISSED = Q(stop=Clock.Stop.NO_REPLY_NEEDED)
PAUSED = ANSWERED & Q(paused_seconds__gt=0)
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


class Percentile(Aggregate):
    """`percentile_cont`: linear interpolation, exact to the stored microsecond."""

    function = "percentile_cont"
    output_field = FloatField()

    def __init__(self, share: float, expression: str | Expression, *, filter: Q) -> None:  # noqa: A002
        super().__init__(expression, filter=filter)
        self.template = f"%(function)s({share:g}) WITHIN GROUP (ORDER BY %(expressions)s)"


def measure(question: Question, kind: Clock.Kind) -> Mapping[str, Any]:
    """Measure all the waits of a question as one."""
    return {
        **_ended(question, kind, None).get(None, {}),
        **running(question, kind, None).get(None, {}),
    }


def measure_by(question: Question, kind: Clock.Kind, by: By) -> Measured:
    """Measure the waits of a question group by group."""
    ended, waiting = _ended(question, kind, by), running(question, kind, by)
    return {
        key: {**ended.get(key, {}), **waiting.get(key, {})} for key in ended.keys() | waiting.keys()
    }


def count(question: Question) -> Mapping[str, int]:
    """Count all the messages of a question as one."""
    return messages(question).aggregate(**_SAID)


def count_by(question: Question, by: By) -> Measured:
    """Count the messages of a question group by group."""
    rows = (
        messages(question)
        .values(group=key_of_messages(by, question.user))
        .annotate(**_SAID)
        .order_by()
    )
    return by_group(rows)


def by_group(rows: Iterable[Mapping[str, Any]]) -> Measured:
    """Return the rows by the key of their group."""
    return {
        row["group"]: {name: value for name, value in row.items() if name != "group"}
        for row in rows
    }


_SAID = {
    "inbound": Count("id", filter=Q(direction=Message.Direction.INBOUND)),
    "outbound": Count("id", filter=Q(direction=Message.Direction.OUTBOUND)),
}


def _ended(question: Question, kind: Clock.Kind, by: By | None) -> Lines:
    def look(bys: frozenset[By]) -> dict[By | None, dict[str, Lines]]:
        seconds = "desk_seconds" if question.in_open_hours else "customer_seconds"
        found = (
            waits(question, kind)
            .exclude(RUNNING)
            .annotate(
                seconds=F(seconds),
                is_answered=ANSWERED,
                is_dismissed=DISMISSED,
                is_met=MET,
                is_breached=BREACHED,
                is_paused=PAUSED,
            )
        )
        measures = _RESOLVED if kind is Clock.Kind.RESOLUTION else _ANSWERED
        return grouped(found, bys, lambda by: key_of_waits(by, question.user), measures)

    return question.once_along(kind, by, look).get(kind, {})


# Each group's seconds are gathered in one look, whatever their order, and sorted group by group.
_GATHERED: LiteralString = """
    count(*) FILTER (WHERE is_dismissed) AS dismissed,
    count(*) FILTER (WHERE is_met) AS met,
    count(*) FILTER (WHERE is_breached) AS breached,
    array_agg(seconds::float8) FILTER (WHERE is_answered) AS gathered
"""
_PERCENTILES: LiteralString = """,
    LATERAL (
        SELECT count(one) AS count, avg(one) AS mean,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY one) AS p50,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY one) AS p90,
               percentile_cont(0.99) WITHIN GROUP (ORDER BY one) AS p99
        FROM unnest(gathered) AS one
    ) AS answered
"""
_PAUSES: LiteralString = """,
    array_agg(paused_seconds) FILTER (WHERE is_paused) AS pauses
"""
_MEDIAN_PAUSE: LiteralString = """,
    LATERAL (
        SELECT count(one) AS paused,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY one) AS paused_p50
        FROM unnest(pauses) AS one
    ) AS of_pauses
"""
_ANSWERED = Measures(
    columns=("seconds", "is_answered", "is_dismissed", "is_met", "is_breached"),
    aggregates=_GATHERED,
    told=("count", *SHARES, "mean", "dismissed", "met", "breached"),
    beside=_PERCENTILES,
)
_RESOLVED = Measures(
    columns=(*_ANSWERED.columns, "is_paused", "paused_seconds"),
    aggregates=_GATHERED + _PAUSES,
    told=(*_ANSWERED.told, "paused", "paused_p50"),
    beside=_PERCENTILES + _MEDIAN_PAUSE,
)
