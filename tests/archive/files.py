"""Small archives of our own, written as the public layout has them."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from apps.channels.connector import InboundMessage
from apps.channels.connectors.archive.rows import Row, read
from tests.people import NOON

HEADER = (
    "tweet_id",
    "author_id",
    "inbound",
    "created_at",
    "text",
    "response_tweet_id",
    "in_response_to_tweet_id",
)


def written(at: datetime) -> str:
    """As the archive writes instants."""
    return f"{at:%a %b %d %H:%M:%S +0000 %Y}"


def tweet(
    number: int, author: str, text: str = "hello", *, under: int | None = None, minute: float = 0
) -> list[str]:
    """One row; customers are numbers, brands are names."""
    at = written(NOON + timedelta(minutes=minute))
    inbound = str(author.isdigit())
    return [str(number), author, inbound, at, text, "", "" if under is None else str(under)]


def a_csv(*rows: Sequence[str], line_end: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    return text.getvalue().encode()


def a_file(folder: Path, *rows: Sequence[str]) -> Path:
    file = folder / "tweets.csv"
    file.write_bytes(a_csv(*rows))
    return file


def rows_of(body: bytes) -> list[Row]:
    return list(read(io.BytesIO(body)))


def messages_of(body: bytes) -> list[InboundMessage]:
    return [row.message for row in rows_of(body) if row.message]
