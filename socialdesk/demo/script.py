"""Reading the scripts: what customers and colleagues may say to each other.

A file `<brand>.<language>.txt` holds lists and scripts; see `scripts/README.md`.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).parent / "scripts"
_LIST = re.compile(r"\{(\w+)\}:\s*(.+)")
_TITLE = re.compile(r"== (.+?)(?:\s+\[(.+)\])?")
_PAUSE = re.compile(r"~ (\d+) ([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Sign(StrEnum):
    """Who speaks in a turn, by the sign its lines begin with."""

    CUSTOMER = ">"
    COLLEAGUE = "<"
    THANKS = "+"  # a customer's last word, which some leave out
    NOTE = "#"  # for colleagues only
    REASON = "="  # why no reply is needed


class ScriptError(ValueError):
    """A script file that cannot be read, and where."""


@dataclass(slots=True)
class Turn:
    """One utterance; any of its texts will do. `pause` is how long it comes after the last."""

    sign: Sign
    texts: list[str] = field(default_factory=list)
    pause: timedelta | None = None


@dataclass(slots=True)
class Script:
    """One way a contact may go, in one language, with one brand."""

    brand: str
    language: str
    title: str
    tags: frozenset[str]
    lists: dict[str, list[str]]
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether a colleague has something to say in it."""
        return any(turn.sign is Sign.COLLEAGUE for turn in self.turns)

    @property
    def welcome(self) -> list[str]:
        """What a colleague may answer to a thank-you."""
        return self.lists.get("welcome", [])


def read_all(folder: Path = FOLDER) -> list[Script]:
    """Return every script of the folder; ScriptError for a line that means nothing."""
    return [script for path in sorted(folder.glob("*.txt")) for script in _read(path)]


def _read(path: Path) -> list[Script]:
    brand, language, _ = path.name.split(".")
    lists: dict[str, list[str]] = {}
    scripts: list[Script] = []
    turn: Turn | None = None
    pause: timedelta | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            turn = None
        elif listed := _LIST.fullmatch(line):
            lists[listed[1]] = [choice.strip() for choice in listed[2].split(" | ")]
        elif titled := _TITLE.fullmatch(line):
            tags = frozenset((titled[2] or "").split())
            scripts.append(Script(brand, language, titled[1], tags, lists))
            turn = None
        elif paused := _PAUSE.fullmatch(line):
            pause = timedelta(**{_UNITS[paused[2]]: int(paused[1])})
        elif scripts and line[0] in list(Sign) and line[1:2] == " ":
            if turn is None:
                turn = Turn(Sign(line[0]), pause=pause)
                scripts[-1].turns.append(turn)
                pause = None
            turn.texts.append(line[2:])
        else:
            raise ScriptError(f"{path.name}, line {number}: {line!r} begins with no known sign.")
    return scripts
