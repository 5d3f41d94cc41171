"""Values and whole columns in PostgreSQL's binary format, by the type that a statement names.

psycopg looks up how to write each value by what it is; a statement that names its types needs no
such search, which was half of what a column cost.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from struct import Struct, error
from typing import Any

Packer = Callable[[Any], bytes | None]

_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
_LENGTH = Struct("!i")
_ARRAY = Struct("!iiiii")
_EMPTY = Struct("!iii")
_NULL = _LENGTH.pack(-1)


def packer_of(name: str) -> Packer:
    """Return what writes values of this type, such as `bigint` or, for a column, `bigint[]`."""
    type_ = _TYPES[name.removesuffix("[]")]
    return type_.column if name.endswith("[]") else type_.value


@dataclass(frozen=True, slots=True)
class _Type:
    """`all_of` writes values that are all there, each with its length in front."""

    oid: int
    all_of: Callable[[Collection[Any]], bytes]

    def value(self, value: Any) -> bytes | None:
        return None if value is None else self.all_of((value,))[_LENGTH.size :]

    def column(self, column: Collection[Any]) -> bytes:
        if not column:
            return _EMPTY.pack(0, 0, self.oid)
        head = _ARRAY.pack(1, 1, self.oid, len(column), 1)
        try:
            return head + self.all_of(column)
        except (AttributeError, TypeError, error):
            if None not in column:
                raise
        each = [_NULL if value is None else self.all_of((value,)) for value in column]
        return head + b"".join(each)


def _numbers(code: str) -> Callable[[Collection[Any]], bytes]:
    pack = partial(Struct(f"!i{code}").pack, Struct(f"!{code}").size)
    return lambda numbers: b"".join(map(pack, numbers))


def _bytes(values: Collection[bytes]) -> bytes:
    lengths = map(_LENGTH.pack, map(len, values))
    return b"".join(chain.from_iterable(zip(lengths, values, strict=True)))


def _texts(texts: Collection[str]) -> bytes:
    return _bytes([text.encode() for text in texts])


def _instants(instants: Collection[datetime]) -> bytes:
    """Microseconds since 2000."""
    since = [at - _SINCE for at in instants]
    return _INT8([(s.days * 86_400 + s.seconds) * 1_000_000 + s.microseconds for s in since])


_INT8 = _numbers("q")
_TYPES = {
    "bigint": _Type(20, _INT8),
    "int": _Type(23, _numbers("i")),
    "boolean": _Type(16, _numbers("b")),
    "text": _Type(25, _texts),
    "varchar": _Type(1043, _texts),
    "bytea": _Type(17, _bytes),
    "timestamptz": _Type(1184, _instants),
}
