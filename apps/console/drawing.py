"""Drawings made here: bars and heat maps as plain SVG, which the templates write out."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.reports.wallboard import Now

FLOW_HEIGHT = 60
FLOW_STEP = 24
FLOW_BAR = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a drawing, of which kind it is, and what it says when pointed at."""

    x: int
    y: float
    width: int
    height: float
    kind: str
    title: str


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
