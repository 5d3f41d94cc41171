"""The seeded script: who writes what, after which pause. The same seed gives the same script."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from socialdesk.simulation.phrases import WEIGHTS, Language

CHANCE_OF_REPLY = 0.6
CHANCE_OF_THANKS = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One post of the script; `pause` is the wait in seconds since the one before."""

    pause: float
    handle: str
    name: str
    text: str
    language: Language


def first_posts(*, seed: int, rate: float, brands: Sequence[str]) -> Iterator[Line]:
    """Go on for ever: posts that begin a thread, `rate` of them a minute, as a Poisson process."""
    chance = random.Random(f"posts {seed}")
    while True:
        pause = chance.expovariate(rate / 60)
        [language] = chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
        handle, name = chance.choice(language.people)
        said = " ".join(
            part
            for part in (
                chance.choice(language.openings),
                chance.choice(language.troubles),
                chance.choice(language.endings),
            )
            if part
        )
        text = _filled(said, chance, brand=chance.choice(brands))
        yield Line(pause=pause, handle=handle, name=name, text=text, language=language)


def reply(line: Line, *, seed: int, turn: int) -> str | None:
    """What the customer says to the desk's answer, or None; the same for the same line and turn."""
    chance = random.Random(f"reply {seed} {turn} {line.handle} {line.text}")
    if chance.random() > CHANCE_OF_REPLY:
        return None
    grateful = chance.random() < CHANCE_OF_THANKS
    said = line.language.thanks if grateful else line.language.doubts
    return _filled(chance.choice(said), chance, brand="")


def _filled(said: str, chance: random.Random, *, brand: str) -> str:
    return said.format(
        brand=brand,
        order=f"{chance.randint(11, 99)}-{chance.randint(1000, 9999)}",
        days=chance.randint(2, 9),
        time=chance.randint(6, 22),
    )
