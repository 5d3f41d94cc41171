"""Tables of figures, made once: the page, the file and the letter show the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apps.console.files import Value


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

    def lines(self) -> Iterator[Sequence[Value]]:
        """Yield what a file has of it: the columns, every row and the sum, figures exact."""
        yield self.heads()
        for row in [*self.rows, *([self.foot] if self.foot else [])]:
            head = row.head.shown if row.head.raw is None else row.head.raw
            yield [head, *(cell.raw for cell in row.cells)]
