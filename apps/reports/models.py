"""What was counted already: sums and histograms of days and months, made from the clocks alone."""

from decimal import Decimal
from typing import Any

from django.db import models

from apps.agents.models import Team
from apps.conversations.models import Clock
from apps.reports.histograms import Histogram
from apps.sla.legs import Leg


class HistogramField(models.Field):  # type: ignore[type-arg]
    """A histogram, which is a number to PostgreSQL: `Sum` adds histograms. It is read as digits."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 - it is called by name
        """As many digits as it takes."""
        return "numeric"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:  # noqa: ARG002
        """Thousands of digits are sooner read as text than as a number."""
        return f"({sql})::text", params

    def from_db_value(self, value: str | None, *_context: object) -> Histogram:
        """Read the digits; the sum of nothing is an empty histogram."""
        return Histogram(value or "0")

    def get_prep_value(self, value: Histogram) -> Decimal:
        """Write the number."""
        return Decimal(value.digits)


class Rollup(models.Model):
    """Ended waits, or messages, of one team that began on one day, or in one month, of the desk.

    Each `kind` is counted along each dimension, the others left aside: the line of `value` in it.
    Along ALL there is one line. What runs is never in here: it is read from the clocks.
    """

    class Span(models.TextChoices):
        DAY = "day", "Day"
        MONTH = "month", "Month"

    class Dimension(models.TextChoices):
        ALL = "all", "All"
        CHANNEL = "channel", "Channel"
        AGENT = "agent", "Agent"
        SURFACE = "surface", "Surface"
        LANGUAGE = "language", "Language"
        TAG = "tag", "Tag"
        HOUR_OF_WEEK = "hour_of_week", "Hour of the week"

    PAUSE, INBOUND, OUTBOUND = "pause", "inbound", "outbound"
    KINDS = (*Clock.Kind.values, PAUSE, *(str(leg) for leg in Leg), INBOUND, OUTBOUND)

    span = models.CharField(max_length=5, choices=Span)
    first = models.DateField(help_text="The day, or the first of the month.")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=14)
    dimension = models.CharField(max_length=12, choices=Dimension)
    value = models.CharField(
        max_length=35, help_text="An id, a word or an hour of the week; empty for none."
    )
    count = models.IntegerField(help_text="Answered, resolved, paused, measured or said.")
    dismissed = models.IntegerField(default=0)
    met = models.IntegerField(default=0)
    breached = models.IntegerField(default=0)
    microseconds = models.BigIntegerField(default=0, help_text="Of all that `count` counts.")
    desk_seconds = models.BigIntegerField(default=0)
    histogram = HistogramField(help_text="Of the same, by the customer's wall time.")
    desk_histogram = HistogramField(help_text="By the desk's open hours.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "kind", "span", "first", "team", "value"], name="rollup_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.dimension} {self.value}, {self.span} {self.first}"


class Counting(models.Model):
    """How rollups were counted: one row, there once all was. In another zone days are others.

    A month is summed from its days when it is over: while it grows, each count would sum it anew.
    """

    zone = models.CharField(max_length=100)
    summed_until = models.DateField(
        help_text="The first of the first month that is read from its days."
    )
    rests_until = models.DateTimeField(null=True, help_text="When the sweep may count again.")

    class Meta:
        verbose_name_plural = "countings"

    def __str__(self) -> str:
        return f"counted in {self.zone}"
