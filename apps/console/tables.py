"""Tables of figures, made once: the page, the file and the letter show the same."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.http import StreamingHttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: `raw` as it is for files and charts, `shown` for people.

    `link` opens what is behind it; `tone` is "better" or "worse" where it says which.
    """

    shown: str
    raw: float | str | None = None
    link: str = ""
    title: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; `at` is where a chart has it, in epoch seconds."""

    head: Cell
    cells: Sequence[Cell]
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its name in addresses; `columns` begin with that of the heads, `foot` has the sum,
    and `most` says how many rows a page shows: three years of days unless said otherwise.

    `units` say what the raw figures of a column are, for files: s, share, or nothing for a count.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]
    units: Sequence[str] = field(default=())
    foot: Row | None = None
    most: int = 1_100

    @property
    def shown(self) -> Sequence[Row]:
        """What of it a page shows; a file has it all."""
        return self.rows[: self.most]

    @property
    def more(self) -> int:
        """How many rows a page leaves to the file."""
        return max(0, len(self.rows) - self.most)

    def heads(self) -> list[str]:
        """Return the columns as a file names them: "Median (s)"."""
        units = [*self.units, *[""] * (len(self.columns) - len(self.units))]
        return [
            f"{column} ({unit})" if unit else column
            for column, unit in zip(self.columns, units, strict=True)
        ]


class _Echo:
    """Gives the writer's lines back instead of keeping them."""

    def write(self, line: str) -> str:
        return line


def as_csv(table: Table, *, filename: str) -> StreamingHttpResponse:
    """Send a table as a file, line by line.

    Spreadsheets take a text that begins like a formula for one, and what customers and colleagues
    call themselves would then be run: such a text gets an apostrophe in front. They also know that
    it is UTF-8 only by the mark at its beginning.
    """
    response = StreamingHttpResponse(csv_lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def csv_lines(table: Table) -> Iterator[str]:
    """Yield a table's lines as a file has them, figures exact."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield str(writer.writerow(_safe(table.heads())))
    for row in [*table.rows, *([table.foot] if table.foot else [])]:
        head = row.head.shown if row.head.raw is None else row.head.raw
        yield str(writer.writerow(_safe([head, *(cell.raw for cell in row.cells)])))


def _safe(values: Iterable[float | str | None]) -> list[float | str]:
    return [_inert(one) if isinstance(one, str) else "" if one is None else one for one in values]


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
