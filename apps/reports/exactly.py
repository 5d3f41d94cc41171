"""The exact way: figures over the waits and messages themselves."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Aggregate, Avg, Count, Expression, FloatField, Min, Q

from apps.conversations.models import Clock, Message
from apps.reports.counted import key_of_messages, key_of_waits, messages, waits
from apps.reports.lines import Measured
from apps.reports.promises import BREACHED, MET, past_due
from apps.reports.questions import By, Question

ANSWERED = Q(stop__in=[Clock.Stop.REPLY, Clock.Stop.RESOLVED])
DISMISSED = Q(stop=Clock.Stop.NO_REPLY_NEEDED)
RUNNING = Q(stopped_at__isnull=True)
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
    return waits(question, kind).aggregate(**_measures(question, kind))


def measure_by(question: Question, kind: Clock.Kind, by: By) -> Measured:
    """Measure the waits of a question group by group."""
    rows = (
        waits(question, kind)
        .values(group=key_of_waits(by, question.user))
        .annotate(**_measures(question, kind))
        .order_by()
    )
    return by_group(rows)


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


def _measures(question: Question, kind: Clock.Kind) -> dict[str, Aggregate]:
    seconds = "desk_seconds" if question.in_open_hours else "customer_seconds"
    pauses = {
        "paused": Count("id", filter=PAUSED),
        "paused_p50": Percentile(0.5, "paused_seconds", filter=PAUSED),
        "pausing": Count("id", filter=Q(paused_at__isnull=False)),
    }
    return {
        "count": Count("id", filter=ANSWERED),
        **{name: Percentile(share, seconds, filter=ANSWERED) for name, share in SHARES.items()},
        "mean": Avg(seconds, filter=ANSWERED, output_field=FloatField()),
        "dismissed": Count("id", filter=DISMISSED),
        "running": Count("id", filter=RUNNING),
        "running_since": Min("started_at", filter=RUNNING),
        "met": Count("id", filter=MET),
        "breached": Count("id", filter=BREACHED),
        "past_due": Count("id", filter=past_due(question.at)),
        **(pauses if kind == Clock.Kind.RESOLUTION else {}),
    }
