"""Casting: who plays which script with which brand, seeded, so that every run is the same."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from socialdesk.demo.crowd import Customer
from socialdesk.demo.happenings import Account, Said, Talk
from socialdesk.demo.play import Play
from socialdesk.demo.script import Script
from socialdesk.demo.wording import Wording

BRAND_SHARES = {"acme": 0.44, "acmeshop": 0.34, "acmebikes": 0.22}
ENGLISH_ANYWAY = 0.12
RECENT = 40
PLAIN = frozenset[str]()


def chance_of(seed: int, what: object) -> Random:
    """A source of chance for one thing, the same for the same seed."""
    return Random(f"{seed} {what}")


class Casting:
    """Hands out scripts and puts talks on the play's agenda."""

    def __init__(
        self,
        play: Play,
        *,
        seed: int,
        customers: Sequence[Customer],
        accounts: dict[str, Account],
        scripts: Sequence[Script],
    ) -> None:
        self.play = play
        self.customers = customers
        self.accounts = accounts
        self.scripts = scripts
        self.talks: list[Talk] = []
        self._seed = seed
        self._decks: dict[tuple[str, str], list[Script]] = {}
        self._recent: deque[Script] = deque(maxlen=RECENT)

    def chance(self, what: object) -> Random:
        """A source of chance of its own for everything, so that nothing shifts the rest."""
        return chance_of(self._seed, what)

    def draw(self, customer: Customer, chance: Random) -> Script:
        """The next script, for one of the brands that understand this customer."""
        language = customer.language
        if language != "en" and chance.random() < ENGLISH_ANYWAY:
            language = "en"
        brands = [brand for brand in BRAND_SHARES if self.understands(brand, language)]
        [brand] = chance.choices(brands, [BRAND_SHARES[brand] for brand in brands])
        return self.next_of(brand, language)

    def next_of(
        self, brand: str, language: str, fits: Callable[[Script], bool] = lambda _: True
    ) -> Script:
        """The next fitting script of a deck; none comes twice before every other came once."""
        deck = self._decks.setdefault((brand, language), [])
        if not any(map(fits, deck)):
            fresh = self._plain(brand, language)
            self.chance(f"{brand} {language} {len(self.talks)}").shuffle(fresh)
            deck.extend(sorted(fresh, key=self._recent.__contains__))
        script = next(filter(fits, deck))
        deck.remove(script)
        self._recent.append(script)
        return script

    def understands(self, brand: str, language: str) -> bool:
        """Whether there are scripts of this brand in this language."""
        return bool(self._plain(brand, language))

    def tagged(self, tag: str, *, language: str, brand: str | None = None) -> list[Script]:
        """Scripts for an occasion, in English where the language has none."""
        fitting = [s for s in self.scripts if tag in s.tags and brand in {None, s.brand}]
        return [s for s in fitting if s.language == language] or [
            s for s in fitting if s.language == "en"
        ]

    def put_on(
        self,
        customer: Customer,
        script: Script,
        at: datetime,
        chance: Random,
        *,
        joins: Said | None = None,
        played: int = 0,
        silent_after: int | None = None,
        pauses: Sequence[float] = (),
    ) -> Talk:
        """Put a talk on the agenda; it begins at that instant."""
        talk = Talk(
            self.accounts[script.brand],
            customer,
            script,
            self._wording(script, customer, chance),
            chance,
            joins=joins,
            played=played,
            silent_after=silent_after,
            pauses=list(pauses),
        )
        self.talks.append(talk)
        self.play.begin(talk, at)
        return talk

    def put_on_again(self, talk: Talk, script: Script, at: datetime, chance: Random) -> None:
        """Let the same customer write again in the same thread."""
        talk.script, talk.played, talk.pauses = script, 0, []
        talk.wording = self._wording(script, talk.customer, chance)
        self.play.begin(talk, at)

    def _plain(self, brand: str, language: str) -> list[Script]:
        return [
            script
            for script in self.scripts
            if (script.brand, script.language, script.tags) == (brand, language, PLAIN)
        ]

    def _wording(self, script: Script, customer: Customer, chance: Random) -> Wording:
        return Wording(script.lists, chance, first=customer.first, language=script.language)
