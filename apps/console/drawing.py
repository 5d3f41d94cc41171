"""Drawings made here: bars and heat maps as plain SVG, which the templates write out."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.console.tables import Table
from apps.reports.legs import Legs
from apps.reports.lines import WEEKDAYS
from apps.reports.wallboard import Now

FLOW_HEIGHT = 60
FLOW_STEP = 24
FLOW_BAR = 10
STRIP = 1_000
CELL = 20
SHADES = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a drawing, of which kind it is, what it says when pointed at, and what is
    behind it where anything is.
    """

    x: int
    y: float
    width: int
    height: float
    kind: str
    title: str
    link: str = ""


def flow(now: Now) -> Sequence[Bar]:
    """Two bars for each five minutes of the last hour: what came in, and what went out."""
    return [
        Bar(
            x=FLOW_STEP * place + offset,
            y=round(FLOW_HEIGHT - height, 1),
            width=FLOW_BAR,
            height=height,
            kind=kind,
            title=f"{number} {kind}",
        )
        for place, one in enumerate(now.flow)
        for offset, kind, number in ((0, "in", one.arrivals), (FLOW_BAR + 1, "out", one.answers))
        for height in [round(FLOW_HEIGHT * number / now.busiest, 1)]
    ]


def strip(legs: Legs) -> Sequence[Bar]:
    """The parts of the mean wait side by side, as wide as they are long."""
    bars: list[Bar] = []
    x = 0.0
    for line in legs.lines:
        width = STRIP * line.share
        bars.append(
            Bar(
                x=round(x),
                y=0,
                width=max(0, round(x + width) - round(x) - 3),
                height=16,
                kind=str(line.leg),
                title=f"{100 * line.share:.0f} %",
            )
        )
        x += width
    return bars


def heat(table: Table) -> Sequence[Bar]:
    """A square for each hour of the week, in SHADES steps from nothing to the busiest."""
    numbers = [[float(cell.raw or 0) for cell in row.cells] for row in table.rows]
    busiest = max((number for row in numbers for number in row), default=0)
    return [
        Bar(
            x=CELL * hour,
            y=CELL * day,
            width=CELL - 2,
            height=CELL - 2,
            kind=f"heat-{_shade(numbers[hour][day], busiest)}",
            title=f"{WEEKDAYS[day]} {hour:02}:00: {row.cells[day].shown}",
            link=row.cells[day].link,
        )
        for hour, row in enumerate(table.rows)
        for day in range(len(WEEKDAYS))
    ]


def _shade(number: float, busiest: float) -> int:
    """Only nothing at all is drawn as nothing."""
    return 0 if not number else max(1, round(SHADES * number / busiest))
