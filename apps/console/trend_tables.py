"""The tables of the trends: figures as they are, as people read them, and what is behind them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from apps.console import spelling, wording
from apps.console.figures_form import BREAKDOWNS, Shown
from apps.console.tables import Cell, Row, Table
from apps.conversations.models import Clock
from apps.reports.behind import Standing
from apps.reports.behind_personal import Told
from apps.reports.figures import Figures, Said, Times, Volume
from apps.reports.legs import Legs
from apps.reports.lines import WEEKDAYS
from apps.reports.personal import Personal
from apps.reports.questions import By, Key

NONE = "–"
MOST_LINES = 100
COLUMNS = (
    "Answered",
    "Share answered",
    "Running",
    "No reply needed",
    "Median",
    "Before",
    "p90",
    "p99",
    "In time",
    "Late",
    "Past due",
)
PERSONAL = (
    "Replies",
    "Nearly alike",
    "Nearest, median",
    "Asked twice",
    "Promises kept",
    "Broken",
)
PERSONAL_UNITS = ("", "", "share", "share", "share", "", "")
RESOLVED = {"Answered": "Resolved", "Share answered": "Share resolved"}
GROUPS = {By.LANGUAGE: "Language", By.NETWORK: "Network", By.HOUR: "Hour they wrote"}
UNITS = ("", "", "share", "", "", "s", "s", "s", "s", "share", "", "")


def lines(shown: Shown, times: Times, before: Times) -> Table:
    """One line for each channel, person or what else is asked for, and one for all."""
    by = shown.by
    earlier = {line.key: line for line in before.lines}
    rows = [
        Row(
            Cell(line.label, line.label, f"?{shown.narrowed(by, line.key)}"),
            _cells(shown, line, earlier.get(line.key), by, line.key),
        )
        for line in times.lines
    ]
    everything = Row(Cell("All", "All"), _cells(shown, times.total, before.total, None, None))
    return Table("lines", (BREAKDOWNS[by], *_columns(shown)), rows, UNITS, everything, MOST_LINES)


def groups(shown: Shown, times: Times) -> Table:
    """Whether groups fare alike: how many were answered, and how long half of them waited."""
    by = times.by
    assert by is not None
    rows = [
        Row(
            Cell(line.label, line.label, f"?{shown.narrowed(by, line.key)}"),
            _fared(shown, line, by, line.key),
        )
        for line in times.lines
    ]
    everything = Row(Cell("All", "All"), _fared(shown, times.total, None, None))
    columns = (GROUPS[by], "Waits", "Share answered", "Running", "Median", "p90")
    return Table(str(by), columns, rows, ("", "", "share", "", "s", "s"), everything, MOST_LINES)


def days(shown: Shown, times: Times, before: Times) -> Table:
    """One line a day, beside the same day of the period before; none where nothing was measured."""
    nothing: Sequence[Figures | None] = [None] * len(times.lines)
    earlier = before.lines if times.lines and before.lines else nothing
    rows = [
        Row(
            Cell(_day(line.key), str(line.key)),
            _cells(shown, line, was, By.DAY, line.key),
            at=noon(line.key),
        )
        for line, was in zip(times.lines, earlier, strict=True)
    ]
    return Table("days", ("Day", *_columns(shown)), rows, UNITS)


def said(shown: Shown, volume: Volume) -> Table:
    """How much customers and the desk wrote, day by day."""
    rows = [
        Row(
            Cell(_day(line.key), str(line.key)),
            [
                count(line.inbound, shown.said("inbound", first=line.key, last=line.key)),
                count(line.outbound, shown.said("outbound", first=line.key, last=line.key)),
            ],
            at=noon(line.key),
        )
        for line in volume.lines
    ]
    return Table("volume", ("Day", "Customers wrote", "We answered"), rows)


def heat(shown: Shown, volume: Volume) -> Table:
    """When they write: messages of customers for each hour of the week."""
    written = {line.key: line for line in volume.lines}
    rows = [
        Row(
            Cell(f"{hour:02}:00", f"{hour:02}:00"),
            [_in_hour(shown, 24 * day + hour, written) for day in range(7)],
        )
        for hour in range(24)
    ]
    return Table("heat", ("Hour", *WEEKDAYS), rows)


def legs(shown: Shown, found: Legs, before: Legs) -> Table:
    """Where the time of the answers written here went, and how much of it the days before."""
    written = shown.behind(Standing.WRITTEN)
    earlier = {line.leg: line.mean for line in before.lines}
    rows = [
        Row(
            Cell(wording.leg(line.leg).capitalize(), str(line.leg)),
            [
                seconds(line.p50, written),
                seconds(line.p90, written),
                seconds(line.mean, written),
                change(line.mean, earlier.get(line.leg), shown.before().behind(Standing.WRITTEN)),
                share(line.share),
            ],
        )
        for line in found.lines
    ]
    columns = ("Part of the wait", "Median", "p90", "Mean", "Before", "Share")
    return Table("legs", columns, rows, ("", "s", "s", "s", "s", "share"))


def personal(shown: Shown, found: Sequence[Personal]) -> Table:
    """How alike each person's replies are to what was said before, and how promises were kept."""

    def told(what: Told, line: Personal) -> str:
        return shown.told(what, agent=line.key) if line.key is not None else ""

    rows = [
        Row(
            Cell(line.label, line.label),
            _personal(line, {what: told(what, line) for what in Told}),
        )
        for line in found
    ]
    return Table("personal", ("Person", *PERSONAL), rows, PERSONAL_UNITS)


def personal_days(shown: Shown, found: Sequence[Personal]) -> Table:
    """The same, day by day: whether replies become more alike."""
    rows = [
        Row(
            Cell(_day(line.key), str(line.key)),
            _personal(
                line, {what: shown.told(what, first=line.key, last=line.key) for what in Told}
            ),
            at=noon(line.key),
        )
        for line in found
    ]
    return Table("personal_days", ("Day", *PERSONAL), rows, PERSONAL_UNITS)


def count(number: int, link: str = "") -> Cell:
    """A count, with what is behind it where there is anything."""
    return Cell(f"{number:,}", number, link if number else "")


def seconds(measured: float | None, link: str = "") -> Cell:
    """A time as people read it, exact when pointed at."""
    if measured is None:
        return Cell(NONE)
    exact = f"{measured:,.3f}".rstrip("0").rstrip(".")
    return Cell(spelling.duration(measured), measured, link, title=f"{exact} s")


def share(part: float | None, link: str = "") -> Cell:
    """A share from 0 to 1 in per cent, with what is behind it."""
    return Cell(NONE) if part is None else Cell(f"{100 * part:.1f} %", part, link)


def change(now: float | None, before: float | None, link: str = "") -> Cell:
    """What a time was before, and whether it is better or worse now: shorter is better."""
    if before is None:
        return Cell(NONE)
    if now is None or round(now) == round(before):
        return Cell(spelling.duration(before), before, link)
    tone = "better" if now < before else "worse"
    sign = "−" if now < before else "+"
    words = f"{spelling.duration(before)} before: {sign}{spelling.duration(abs(now - before))}"
    return Cell(spelling.duration(before), before, link, title=words, tone=tone)


def noon(key: Key) -> int:
    """Return the middle of a day as epoch seconds, where a chart has its point."""
    assert isinstance(key, date)
    return int(datetime.combine(key, time(12), tzinfo=UTC).timestamp())


def _columns(shown: Shown) -> Sequence[str]:
    """Contacts are resolved, waits answered."""
    if shown.kind is not Clock.Kind.RESOLUTION:
        return COLUMNS
    return [RESOLVED.get(column, column) for column in COLUMNS]


def _cells(shown: Shown, line: Figures, was: Figures | None, by: By | None, key: Key) -> list[Cell]:
    behind = shown.behind_each(by, key)
    answered = behind(Standing.ANSWERED)
    return [
        count(line.count, answered),
        share(line.answered_share, behind(Standing.CALLED)),
        count(line.running, behind(Standing.RUNNING)),
        count(line.dismissed, behind(Standing.DISMISSED)),
        seconds(line.p50, answered),
        change(line.p50, was.p50, _before(shown, by, was.key)) if was else Cell(NONE),
        seconds(line.p90, answered),
        seconds(line.p99, answered),
        share(line.compliance, behind(Standing.JUDGED)),
        count(line.breached, behind(Standing.BREACHED)),
        count(line.past_due, behind(Standing.PAST_DUE)),
    ]


def _fared(shown: Shown, line: Figures, by: By | None, key: Key) -> list[Cell]:
    behind = shown.behind_each(by, key)
    answered = behind(Standing.ANSWERED)
    return [
        count(line.total, behind(Standing.ALL)),
        share(line.answered_share, behind(Standing.CALLED)),
        count(line.running, behind(Standing.RUNNING)),
        seconds(line.p50, answered),
        seconds(line.p90, answered),
    ]


def _personal(line: Personal, links: Mapping[Told, str]) -> list[Cell]:
    nearest = f"{100 * line.nearest:.0f} %"
    return [
        count(line.compared, links[Told.COMPARED]),
        share(line.alike_share, links[Told.ALIKE] if line.alike else ""),
        Cell(nearest, line.nearest) if line.compared else Cell(NONE),
        share(line.asked_again_share, links[Told.ASKED_AGAIN] if line.asked_again else ""),
        count(line.kept, links[Told.KEPT]),
        count(line.broken, links[Told.BROKEN]),
    ]


def _before(shown: Shown, by: By | None, key: Key) -> str:
    return shown.before().behind(Standing.ANSWERED, by, key)


def _in_hour(shown: Shown, hour_of_week: int, written: dict[Key, Said]) -> Cell:
    line = written.get(hour_of_week)
    return count(line.inbound if line else 0, shown.said("inbound", hour_of_week=hour_of_week))


def _day(key: Key) -> str:
    assert isinstance(key, date)
    return f"{key:%a} {key.day} {key:%b}"
