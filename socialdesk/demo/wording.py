"""Turning a script's line into what one person writes to another."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

WITH_A_POINT = frozenset({"en", "he", "ja", "hi", "ar"})
_SLOT = re.compile(r"\{(\w+)\}")


class Wording:
    """The words of one contact: what was chosen once stays the same to its end."""

    def __init__(
        self, lists: Mapping[str, list[str]], chance: Random, *, first: str, language: str
    ) -> None:
        point = "." if language in WITH_A_POINT else ","
        self._lists = lists
        self._chance = chance
        self._known = {
            "first": first,
            "order": f"{chance.randint(41, 98)}-{chance.randint(1000, 9999)}",
            "ticket": f"{chance.choice('ABDKMRT')}{chance.randint(10_000, 99_999)}",
            "amount": f"{chance.randint(4, 129)}{point}{chance.choice(('00', '50', '90', '99'))}",
        }

    def choose(self, texts: list[str]) -> str:
        """Pick one of the texts of a turn, not filled in yet."""
        return self._chance.choice(texts)

    def fill(self, text: str, *, at: datetime, agent: str = "") -> str:
        """Fill in every {slot}; lists may hold slots themselves."""
        there = timezone.localtime(at)
        passing = {
            "agent": agent,
            "soon": _on_the_quarter(there + timedelta(minutes=80)),
            "clock": _on_the_quarter(there - timedelta(minutes=100)),
        }
        while found := _SLOT.search(text):
            word = found[1]
            filling = passing[word] if word in passing else self._once(word)
            text = text[: found.start()] + filling + text[found.end() :]
        return text

    def _once(self, word: str) -> str:
        if word not in self._known:
            self._known[word] = self._chance.choice(self._lists[word])
        return self._known[word]


def _on_the_quarter(there: datetime) -> str:
    return f"{there.hour:02}:{there.minute // 15 * 15:02}"
