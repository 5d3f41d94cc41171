"""What a customer told us in a text: order numbers, devices, places and how else to reach them.

Plain patterns over the words of many languages, nothing learned and nothing guessed: whoever reads
a fact can read beside it where it stands.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from apps.customers.patterns import RULES, Kind, Rule

LONGEST = 4000
_DATE = regex.compile(
    r"\p{Nd}{1,4}[-/]\p{Nd}{1,2}[-/]\p{Nd}{1,4}|\p{Nd}{1,2}(?:h|am|pm|st|nd|rd|th)"
)
_DIGIT = re.compile(r"\d")
Tried = Sequence[tuple[Rule, Sequence[str]]]
"""Rules, each with those of its stems that may stand in a text."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was told: as it stands in the text, and a `key` that no spelling changes."""

    kind: Kind
    value: str
    key: str
    start: int


def facts(text: str) -> list[Fact]:
    """Return what a text tells, in the order in which it stands there; of its first LONGEST."""
    return facts_of([text])[0]


def facts_of(texts: Sequence[str]) -> list[list[Fact]]:
    """Return what each of these texts tells, as `facts` does.

    A thousand texts hold few of the signs of a fact: each is looked for once, in all of them.
    """
    shown = [text[:LONGEST] for text in texts]
    together = "\n".join(shown)
    plain = together.casefold()
    rules = [(rule, [stem for stem in rule.stems if stem in plain]) for rule in RULES]
    worth_trying = [
        (rule, stems)
        for rule, stems in rules
        if (stems or not rule.stems) and (rule.shape is None or rule.shape.search(together))
    ]
    return [_facts(text, worth_trying) for text in shown]


def _facts(text: str, rules: Tried) -> list[Fact]:
    taken: list[tuple[int, int]] = []
    found = []
    for kind, start, value in _matches(text, rules):
        end = start + len(value)
        if not any(begin < end and start < stop for begin, stop in taken):
            taken.append((start, end))
            found.append(Fact(kind, value, key(kind, value), start))
    return sorted(found, key=lambda fact: fact.start)


def key(kind: Kind, value: str) -> str:
    """Return what is the same however somebody spells it: 88 1204 and 88-1204, +44 and 0044."""
    plain = unicodedata.normalize("NFKC", value).casefold()
    plain = "".join(_ascii_digit(letter) for letter in plain)
    match kind:
        case Kind.EMAIL | Kind.HANDLE:
            return plain
        case Kind.LINK:
            return regex.sub(r"^https?://(?:www\.)?|[?#].*$|/+$", "", plain)
        case Kind.PHONE:
            digits = regex.sub(r"\D", "", plain)
            return regex.sub(r"^00", "", digits)
        case Kind.DEVICE:
            return regex.sub(r"\s+", " ", plain)
        case _:
            return regex.sub(r"[^\p{L}\p{Nd}]", "", plain)


def _matches(text: str, rules: Tried) -> Iterator[tuple[Kind, int, str]]:
    digits, plain = len(_DIGIT.findall(text)), text.casefold()
    for rule, stems in rules:
        if digits < rule.digits or not _holds_signs(rule, stems, text, plain):
            continue
        for match in rule.pattern.finditer(text):
            value = match[1].rstrip(" .,;:!?…/-")
            if rule.kind is not Kind.ORDER or _is_number(value):
                yield rule.kind, match.start(1), value


def _holds_signs(rule: Rule, stems: Sequence[str], text: str, plain: str) -> bool:
    if stems and not any(map(plain.__contains__, stems)):
        return False
    return rule.shape is None or rule.shape.search(text) is not None


def _is_number(value: str) -> bool:
    """Enough digits to be somebody's number, and no date or time."""
    digits = sum(letter.isdigit() for letter in value)
    return digits >= 3 and digits * 3 >= len(value) and not _DATE.fullmatch(value)


def _ascii_digit(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)
