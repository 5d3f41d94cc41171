"""Reads the public "Customer Support on Twitter" CSV, plain or gzip, however it was damaged.

The layout: tweet_id, author_id, inbound, created_at, text, response_tweet_id,
in_response_to_tweet_id; other columns may stand between them. `in_response_to_tweet_id` is the
only parent that counts: `response_tweet_id` is a hint full of holes, and no column is needed for
who is a brand, since customers' ids are all digits (threads.md).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import BinaryIO

from apps.channels.connector import InboundMessage, ParseError
from apps.channels.connectors.archive.lines import LONE_CR, Lines
from apps.common.text import is_storable

NEEDED = ("tweet_id", "author_id", "created_at", "text", "in_response_to_tweet_id")
_ID = re.compile(r"(\d+)(?:\.0)?", re.ASCII)  # pandas writes 3399 as 3399.0 where some are missing
_BRAND = re.compile(r"\w{1,100}", re.ASCII)
_CREATED = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class NotTweetsError(ValueError):
    """The file as a whole is something else; says what it is and what is wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its message, or why it has none; a remark on a message tells what was odd."""

    line: int
    message: InboundMessage | None
    remark: str = ""


def read(file: BinaryIO) -> Iterator[Row]:
    """Return the rows of a file in its order; raises NotTweetsError for another kind of file."""
    lines = Lines(file)
    header = _header(lines)
    records = csv.reader(lines)
    while True:
        lines.begin()
        try:
            fields = next(records)
        except StopIteration:
            break
        except csv.Error as error:
            yield Row(lines.first, None, f"It is no row of a CSV: {error}.")
            lines.give_back()
            continue
        row = _row(lines, header, fields)
        yield row
        if row.message is None:
            lines.give_back()
    if lines.broken:
        yield Row(lines.number + 1, None, lines.broken)


def _header(lines: Lines) -> list[str]:
    try:
        header = [name.strip() for name in next(csv.reader(lines))]
    except StopIteration:
        raise NotTweetsError(lines.broken or "it is empty.") from None
    except csv.Error as error:
        raise NotTweetsError(f"its first line is no line of column names: {error}.") from error
    if "".join(header).startswith(("{", "[")):
        raise NotTweetsError(
            "it is JSON, not CSV. Save it as CSV with a line of column names, then try again."
        )
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise NotTweetsError(
            f"it is no CSV of tweets, for its first line lacks {', '.join(missing)}."
        )
    return header


def _row(lines: Lines, header: Sequence[str], fields: Sequence[str]) -> Row:
    if not any(field.strip() for field in fields):
        return Row(lines.first, None, "The row is empty.")
    if len(fields) != len(header):
        return Row(lines.first, None, f"It has {len(fields)} fields where {len(header)} belong.")
    named = dict(zip(header, fields, strict=True))
    try:
        message = _message({name: field.replace(LONE_CR, "\r") for name, field in named.items()})
    except (ValueError, OverflowError) as error:
        return Row(lines.first, None, str(error))
    return Row(lines.first, message, _remark(lines, named["text"]))


def _message(named: dict[str, str]) -> InboundMessage:
    if named.get("inbound", "true").strip().lower() not in {"true", "false"}:
        raise ParseError(f"inbound is {_shown(named['inbound'])}, so the columns are shifted.")
    author = _author(named["author_id"].strip())
    return InboundMessage(
        external_id=_id("tweet_id", named["tweet_id"].strip()),
        author_id=author,
        author_handle=f"@{author}",
        author_name=author,
        text=named["text"],
        posted_at=_instant(named["created_at"].strip()),
        parent_id=_parent(named["in_response_to_tweet_id"].strip()),
        ours=not author.isdigit(),
    )


def _id(name: str, written: str) -> str:
    if found := _ID.fullmatch(written):
        return found[1]
    raise ParseError(f"{name} is {_shown(written)}: one whole number is wanted.")


def _parent(written: str) -> str | None:
    if written.lower() in {"", "nan"}:
        return None
    return _id("in_response_to_tweet_id", written)


def _author(written: str) -> str:
    if found := _ID.fullmatch(written):
        return found[1]
    if _BRAND.fullmatch(written):
        return written
    raise ParseError(f"author_id is {_shown(written)}: a number or a handle is wanted.")


def _instant(written: str) -> datetime:
    """Twitter's own way of writing it, in whatever language this machine speaks."""
    found = _CREATED.fullmatch(written)
    if found is None or found[1] not in _MONTHS:
        raise ParseError(
            f"created_at is {_shown(written)}: Tue Oct 31 22:10:47 +0000 2017 is how it looks."
        )
    month, day, hour, minute, second, sign, hours, minutes, year = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return datetime(
        int(year),
        _MONTHS.index(month) + 1,
        int(day),
        int(hour),
        int(minute),
        int(second),
        tzinfo=timezone(-offset if sign == "-" else offset),
    ).astimezone(UTC)


def _remark(lines: Lines, text: str) -> str:
    remarks = []
    if LONE_CR in text and not lines.hold('"' + text.replace('"', '""') + '"'):
        remarks.append("A carriage return stood without quotes; it is kept in the text.")
    if not is_storable(text.replace(LONE_CR, "")):
        remarks.append("Bytes that are not UTF-8, or NULs, became U+FFFD.")
    if _is_mojibake(text):
        remarks.append("The text is UTF-8 once read as Windows-1252; it is kept as it stands.")
    return " ".join(remarks)


def _is_mojibake(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode("cp1252").decode()
    except UnicodeError:
        return False
    return True


def _shown(written: str) -> str:
    """Values are quoted in reports: short, and safe for a terminal."""
    return ascii(written if len(written) <= 40 else f"{written[:40]}…")
