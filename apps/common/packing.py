"""Values and whole columns in PostgreSQL's binary format, by the type that a statement names.

psycopg looks up how to write each value by what it is; a statement that names its types needs no
such search, which was half of what a column cost.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from struct import Struct, error
from typing import Any

Packer = Callable[[Any], bytes | None]

_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
_LENGTH = Struct("!i")
_ARRAY = Struct("!iiiii")
_NULL = _LENGTH.pack(-1)
_EMPTY = Struct("!iii")


def packer_of(name: str) -> Packer:
    """Return what writes values of this type, such as `bigint` or, for a column, `bigint[]`."""
    oid, pack = _TYPES[name.removesuffix("[]")]
    if name.endswith("[]"):
        return lambda column: _array(column, oid, pack)
    return lambda value: None if value is None else pack(value)[_LENGTH.size :]


def _array(column: Collection[Any], oid: int, pack: Callable[[Any], bytes]) -> bytes:
    if not column:
        return _EMPTY.pack(0, 0, oid)
    head = _ARRAY.pack(1, 1, oid, len(column), 1)
    try:
        return head + b"".join(map(pack, column))
    except (AttributeError, TypeError, error):
        if None not in column:
            raise
        return head + b"".join([_NULL if value is None else pack(value) for value in column])


def _number(code: str) -> Callable[[Any], bytes]:
    """A number of fixed length, with that length in front as arrays want it."""
    length, value = Struct(f"!{code}").size, Struct(f"!i{code}")
    return lambda number: value.pack(length, number)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def _bytes(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


def _instant(at: datetime) -> bytes:
    """Microseconds since 2000."""
    since = at - _SINCE
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return _MICROSECONDS(microseconds)


_MICROSECONDS = _number("q")
_TYPES: dict[str, tuple[int, Callable[[Any], bytes]]] = {
    "bigint": (20, _number("q")),
    "int": (23, _number("i")),
    "boolean": (16, _number("b")),
    "text": (25, _text),
    "varchar": (1043, _text),
    "bytea": (17, _bytes),
    "timestamptz": (1184, _instant),
}
