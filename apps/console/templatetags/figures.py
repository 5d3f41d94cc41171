"""The words that pages of figures use: addresses beside and behind a figure, changes, warnings."""

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.agents.models import User
from apps.console import spelling, wording
from apps.console.behind_tables import known_as
from apps.console.figures_form import Shown
from apps.console.tables import Cell, Row, Table
from apps.reports.behind import Standing
from apps.reports.behind_personal import Told
from apps.reports.equal import Unequal
from apps.reports.figures import Figures
from apps.reports.questions import By

register = template.Library()

register.filter("part", wording.part)

IN_THE_FORM = {"first", "last"}


@register.filter
def words(written: str) -> list[str]:
    """Take a text apart at its spaces."""
    return written.split()


@register.filter
def times(number: int, factor: int) -> int:
    """Multiply, for places in a drawing."""
    return number * factor


@register.filter
def plus(number: int, more: int) -> int:
    """Add, for places in a drawing."""
    return number + more


@register.simple_tag
def body(table: Table) -> SafeString:
    """Write a table's rows. A page has thousands of cells, for each of which a template is slow."""
    return format_html_join("", "{}", ((_row(row),) for row in table.shown))


@register.simple_tag
def foot(row: Row) -> SafeString:
    """Write the row of the sum."""
    return _row(row)


@register.simple_tag
def changed(shown: Shown, **changes: object) -> str:
    """Return the query of the same page with some of it changed."""
    return shown.query(**changes)


@register.simple_tag
def without_days(shown: Shown) -> str:
    """Return the query of the same page without its days."""
    return shown.query(first=None, last=None)


@register.simple_tag
def behind_url(shown: Shown, standing: str) -> str:
    """Return the address of the conversations behind a figure of all."""
    return shown.behind(Standing(standing))


@register.simple_tag
def file_url(shown: Shown, name: str) -> str:
    """Return the address of a table as a file."""
    return shown.file(name)


@register.simple_tag
def told_url(shown: Shown, told: str) -> str:
    """Return the address of the replies or promises behind a figure of all."""
    return shown.told(Told(told))


@register.filter
def known_to(person: User | None, reader: User) -> str:
    """Name who did it as far as this person may know what others do."""
    return known_as(person, reader)


@register.filter
def kept_beside(
    shown: Shown, offered: Sequence[tuple[str, str, object]]
) -> list[tuple[str, object]]:
    """Return what the form of days keeps though it has no field for it."""
    fields = IN_THE_FORM | {name for name, _, _ in offered}
    return [(name, value) for name, value in shown.given().items() if name not in fields]


@register.simple_tag
def delta(now: float | None, before: float | None) -> SafeString:
    """Say by how much a time changed since the days before; shorter is better."""
    if now is None or before is None or round(now) == round(before):
        return SafeString("")
    return format_html(
        '<span class="{}" title="{} before">{}{}</span>',
        "better" if now < before else "worse",
        spelling.duration(before),
        "−" if now < before else "+",
        spelling.duration(abs(now - before)),
    )


@register.simple_tag
def unequal_words(one: Unequal, part: Mapping[str, object]) -> str:
    """Say in plain words who waits longer, and by which figures."""
    line, total = one.line, part["total"]
    assert isinstance(total, Figures)
    said = []
    if one.times is not None and line.p50 is not None and total.p50 is not None:
        said.append(
            f"waited {one.times:.1f} times as long: half of them more than"
            f" {spelling.duration(line.p50)}, of all together more than"
            f" {spelling.duration(total.p50)} ({line.count:,} and {total.count:,} answered waits)"
        )
    if one.fewer is not None and line.answered_share is not None:
        said.append(
            f"were answered less often: {100 * line.answered_share:.1f} % of them,"
            f" of all together {100 * (total.answered_share or 0):.1f} %"
        )
    return f"{_who(part['by'], line)} {', and '.join(said)}."


TONES = {
    "": "",
    "better": format_html(' <span class="better" aria-label="{}">▼</span>', "shorter now"),
    "worse": format_html(' <span class="worse" aria-label="{}">▲</span>', "longer now"),
}


def _row(row: Row) -> SafeString:
    head = format_html('<bdi class="clip">{}</bdi>', row.head.shown)
    if row.head.link:
        head = format_html(
            '<a href="{}" title="{}">{}</a>', row.head.link, row.head.title or "Only this", head
        )
    place = format_html(' data-at="{}"', row.at) if row.at else ""
    cells = format_html_join("", "{}", ((_cell(cell),) for cell in row.cells))
    return format_html('<tr{}><th scope="row">{}</th>{}</tr>\n', place, head, cells)


def _cell(cell: Cell) -> SafeString:
    """The exact figure, for charts, and what people read."""
    shown = format_html('<a href="{}">{}</a>', cell.link, cell.shown) if cell.link else cell.shown
    title = format_html(' title="{}"', cell.title) if cell.title else ""
    raw = "" if cell.raw is None else str(cell.raw)
    return format_html('<td data-value="{}"{}>{}{}</td>', raw, title, shown, TONES[cell.tone])


def _who(by: object, line: Figures) -> str:
    match by:
        case By.LANGUAGE:
            return f"People who wrote in the language {line.label}"
        case By.HOUR:
            return f"People who wrote between {line.label} and {line.label[:2]}:59"
        case _:
            return f"People on {line.label}"
