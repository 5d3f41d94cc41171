"""The tables of the wallboard and of coverage, as files have them."""

from datetime import datetime

from apps.agents.models import User
from apps.console.tables import Cell, Row, Table
from apps.console.trend_tables import count, seconds
from apps.reports.coverage import coverage
from apps.reports.wallboard import people_now


def people(*, user: User, at: datetime) -> Table:
    """Who is on shift, what they have, and how long somebody waits for them."""
    rows = [
        Row(
            Cell(one.name, one.name),
            [
                Cell("", one.standing),
                count(one.load),
                count(one.capacity),
                seconds((at - one.oldest).total_seconds() if one.oldest else None),
            ],
        )
        for one in people_now(user=user, at=at)
    ]
    columns = ("Person", "Now", "Has", "Capacity", "Longest wait")
    return Table("people", columns, rows, ("", "", "", "", "s"))


def channels(*, user: User, at: datetime) -> Table:
    """How each channel is, and what was missing of it."""
    rows = [
        Row(
            Cell("", str(one.now.channel)),
            [
                Cell("", str(one.now.health)),
                _instant(one.now.channel.last_delivery_at),
                count(one.now.waiting),
                count(one.heard),
                seconds(one.lag_p50),
                seconds(one.lag_p99),
                count(one.late),
                count(one.now.set_aside),
                _instant(one.compared.at if one.compared else None),
                count(one.found),
                count(one.missing),
            ],
        )
        for one in coverage(user=user, at=at).channels
    ]
    columns = (
        "Channel",
        "Health",
        "Last heard",
        "Waiting",
        "Messages",
        "Lag, median",
        "Lag, p99",
        "Came late",
        "Set aside",
        "Compared",
        "Found so",
        "Missing",
    )
    return Table("channels", columns, rows, ("", "", "", "", "", "s", "s"))


def late(*, user: User, at: datetime) -> Table:
    """The newest of what came late."""
    rows = [
        Row(
            Cell("", f"#{one.message.conversation_id}"),
            [
                Cell("", str(one.message.channel)),
                _instant(one.message.posted_at),
                _instant(one.message.received_at),
                seconds(one.lag),
                Cell("", "found by asking" if one.is_found else "told late"),
            ],
        )
        for one in coverage(user=user, at=at).late
    ]
    columns = ("Conversation", "Channel", "Said", "Received", "Later by", "How")
    return Table("late", columns, rows, ("", "", "", "", "s"))


def _instant(at: datetime | None) -> Cell:
    return Cell("", at.isoformat() if at else None)
