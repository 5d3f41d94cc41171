"""Tables as files that spreadsheets read: streamed, in UTF-8, and never run by them."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

Value = float | str | None
# What a spreadsheet would take for a formula, were it the first character of a cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(rows: Iterable[Sequence[Value]], *, filename: str) -> StreamingHttpResponse:
    """Send rows as a file, line by line; the first are its columns."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def csv_lines(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Yield rows as a file has them.

    A text that begins like a formula gets an apostrophe in front: customers and colleagues choose
    what they are called. That it is UTF-8 spreadsheets know only by the mark at its beginning.
    """
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield str(writer.writerow([_inert(value) for value in row]))


class _Echo:
    """Gives the writer's lines back instead of keeping them."""

    def write(self, line: str) -> str:
        return line


def _inert(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
