"""The physical lines of a file, plain or gzip, as far as it can be read."""

import gzip
import io
import re
import zlib
from collections import deque
from typing import BinaryIO

# No text can hold it: decoding bytes never makes this surrogate. It carries a lone carriage return
# through the csv module, which takes one outside of quotes for the end of a row.
LONE_CR = "\udc0d"
_LONE_CR_HERE = re.compile(r"\r(?!\n|\Z)")
_GZIP_MAGIC = b"\x1f\x8b"


class Lines:
    """Physical lines, numbered from 1, with those of the present record at hand.

    A quote that is never closed swallows the rows after it; given back, they are read for
    themselves.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.number = 0
        self.first = 1
        self.broken = ""
        self._text = _text(file)
        self._again: deque[str] = deque()
        self._taken: list[str] = []

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """A new record begins with the next line."""
        self.first = self.number + 1
        self._taken = []

    def give_back(self) -> None:
        """Read all lines of the present record but its first again."""
        self.number -= len(self._taken) - 1
        self._again.extendleft(reversed(self._taken[1:]))

    def hold(self, quoted: str) -> bool:
        """Whether the present record has these characters as they stand."""
        return quoted in "".join(self._taken)

    def _read(self) -> str:
        if self.broken:
            return ""
        try:
            line = self._text.readline()
        except (EOFError, OSError, zlib.error) as error:
            self.broken = f"The file breaks off here; what came before was read. {error}."
            return ""
        return _LONE_CR_HERE.sub(LONE_CR, line)


def _text(file: BinaryIO) -> io.TextIOWrapper:
    """Bytes that aren't UTF-8 become lone surrogates, so that only their own row suffers."""
    packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    return io.TextIOWrapper(
        gzip.GzipFile(fileobj=file) if packed else file,
        encoding="utf-8-sig",
        errors="surrogateescape",
        newline="\n",
    )
