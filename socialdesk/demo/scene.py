"""The scene that is on now: who waits, who was answered, and a team with its hands full."""

from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from apps.agents.models import User
from socialdesk.demo.casting import Casting
from socialdesk.demo.crowd import Customer
from socialdesk.demo.script import Script, Sign

LENGTH = timedelta(minutes=60)

# Since so many minutes somebody waits for a first answer: brand and language.
WAITING = (
    (1, "acme", "en"),
    (2, "acmeshop", "es"),
    (3, "acme", "ar"),
    (4, "acmebikes", "de"),
    (5, "acmeshop", "en"),
    (7, "acme", "en"),
    (8, "acmeshop", "hi"),
    (10, "acme", "ja"),
    (11, "acmeshop", "en"),
    (13, "acmebikes", "en"),
    (15, "acmeshop", "pt-BR"),
    (16, "acme", "de"),
    (19, "acme", "en"),
    (21, "acmeshop", "en"),
    (24, "acmebikes", "fr"),
    (26, "acmeshop", "pl"),
    (29, "acme", "tr"),
    (33, "acmeshop", "en"),
    (37, "acme", "he"),
    (41, "acmeshop", "de"),
    (48, "acme", "en"),
)
# Nobody saw these for hours.
OVERLOOKED = ((131, "acme", "en"), (204, "acmebikes", "en"))
# Answered a while ago, and the customer has just written again: minutes since, and before.
WAITING_AGAIN = ((6, 31, "acme", "en"), (14, 52, "acmebikes", "en"), (9, 44, "acme", "de"))
# Began so many minutes ago and goes its whole way.
PASSING = (
    (57, "acme"),
    (55, "acme"),
    (53, "acmebikes"),
    (46, "acme"),
    (43, "acmebikes"),
    (39, "acme"),
    (34, "acme"),
    (30, "acmebikes"),
)
# Besides the everyday talks of the hours before.
BUSY_HOURS, BUSY_TALKS = 6, 14
# So long before the last hour a depot stands still, and everybody asks the shop at once.
DEPOT = timedelta(minutes=40)
# Answered days or hours ago and still open.
LINGERING = {"acme": 7, "acmebikes": 4, "acmeshop": 12}
UNASSIGNED = 3
SPARE_PLACES = 4
HANDED_BACK = 3


def before(casting: Casting, *, now: datetime) -> None:
    """Talks of the last days that are still open, almost all of them answered; a busy day."""
    for brand, count in LINGERING.items():
        for number in range(count):
            chance = casting.chance(f"lingering {brand} {number}")
            customer = chance.choice(casting.customers)
            language = customer.language if casting.understands(brand, customer.language) else "en"
            script = casting.next_of(brand, language, attrgetter("is_answered"))
            at = now - timedelta(hours=chance.uniform(3, 62))
            casting.put_on(customer, script, at, chance, silent_after=_answered(script))
    for number in range(BUSY_TALKS):
        chance = casting.chance(f"busy {number}")
        customer = chance.choice(casting.customers)
        at = now - LENGTH - DEPOT - timedelta(hours=chance.uniform(0, BUSY_HOURS))
        casting.put_on(customer, casting.draw(customer, chance), at, chance)
    speakers = _Speakers(casting)
    for minutes, brand, language in OVERLOOKED:
        _waits(casting, speakers, now, minutes, brand, language)
    casting.play.at(now - LENGTH - DEPOT, partial(_depot_stands_still, casting))


def last_hour(casting: Casting, *, now: datetime) -> None:
    """What is going on right now; called when everything before it was played."""
    _tidy_up(casting, now - LENGTH)
    speakers = _Speakers(casting)
    for minutes, brand, language in WAITING:
        _waits(casting, speakers, now, minutes, brand, language)
    for minutes, before, brand, language in WAITING_AGAIN:
        _waits_again(casting, speakers, now, minutes, before, brand, language)
    for minutes, brand in PASSING:
        chance = casting.chance(f"passing {minutes}")
        script = casting.next_of(brand, "en", lambda script: len(script.turns) <= 4)
        pauses = [chance.uniform(1.5, 6) for _ in script.turns]
        at = now - timedelta(minutes=minutes)
        casting.put_on(speakers.next_of("en"), script, at, chance, pauses=pauses)
    casting.play.at(now - timedelta(minutes=28), partial(_hand_back, casting))
    casting.play.at(now - timedelta(minutes=6), partial(_mia_asks_ana, casting))


def _waits(
    casting: Casting,
    speakers: "_Speakers",
    now: datetime,
    minutes: int,
    brand: str,
    language: str,
) -> None:
    chance = casting.chance(f"waiting {minutes} {brand} {language}")
    script = casting.next_of(brand, language, attrgetter("is_answered"))
    asked = _answered(script) - 1
    at = now - timedelta(minutes=minutes, seconds=chance.uniform(0, 50))
    casting.put_on(
        speakers.next_of(language), script, at, chance, silent_after=asked, pauses=[0.6] * asked
    )


def _waits_again(
    casting: Casting,
    speakers: "_Speakers",
    now: datetime,
    minutes: int,
    before: int,
    brand: str,
    language: str,
) -> None:
    """Asked `before` minutes ago, was answered soon, and asked again `minutes` ago."""
    chance = casting.chance(f"waiting again {minutes}")
    script = casting.next_of(brand, language, _is_asked_again)
    answered = _answered(script)
    to_the_answer = [0.7] * (answered - 1) + [6.5]
    casting.put_on(
        speakers.next_of(language),
        script,
        now - timedelta(minutes=before),
        chance,
        silent_after=answered + 1,
        pauses=[*to_the_answer, before - minutes - sum(to_the_answer[1:])],
    )


def _depot_stands_still(casting: Casting, at: datetime) -> None:
    """So many talks that the shop's team is nearly full: answered at once, open until it moves."""
    places = casting.play.floor.free_places(_shop_team(casting)) - SPARE_PLACES
    for number in range(places):
        chance = casting.chance(f"depot {number}")
        customer = chance.choice(casting.customers)
        language = customer.language if casting.understands("acmeshop", customer.language) else "en"
        script = casting.next_of("acmeshop", language, attrgetter("is_answered"))
        answered = _answered(script)
        pauses = [0.6] * (answered - 1) + [chance.uniform(4, 13)]
        begins = at + timedelta(minutes=chance.uniform(0, 20))
        casting.put_on(
            customer, script, begins, chance, silent_after=answered, pauses=[0, *pauses][-answered:]
        )


def _hand_back(casting: Casting, at: datetime) -> None:
    """Some answered talks go back to the queue, for whoever is there when the customer returns."""
    floor = casting.play.floor
    _, *others = floor.agents_of(casting.accounts["acme"].channel)
    answered = [
        (agent, talk) for agent in others for talk in floor.talks_of(agent) if not talk.waits
    ]
    for number, (agent, talk) in enumerate(answered[:HANDED_BACK]):
        casting.play.assign(talk, by=agent, to=None, at=at + timedelta(seconds=9 * number))


def _mia_asks_ana(casting: Casting, at: datetime) -> None:
    """The manager gives Ana the longest wait that a colleague of hers has."""
    floor = casting.play.floor
    ana, *others = floor.agents_of(casting.accounts["acme"].channel)
    waiting = [talk for agent in others for talk in floor.talks_of(agent) if talk.waits]
    longest = min(waiting, key=lambda talk: talk.last.at if talk.last else at)
    casting.play.assign(longest, by=casting.play.mia, to=ana, at=at)


def _tidy_up(casting: Casting, begins: datetime) -> None:
    """The shop's team closes what it can, just so much that the next arrivals fill it again."""
    floor = casting.play.floor
    arriving = sum(brand == "acmeshop" for _, brand, _ in WAITING)
    team = _shop_team(casting)
    answered = [talk for agent in team for talk in floor.talks_of(agent) if not talk.waits]
    answered.sort(key=lambda talk: talk.first.at if talk.first else begins)
    for number, talk in enumerate(answered):
        if floor.free_places(team) >= arriving - UNASSIGNED:
            break
        casting.play.resolve(talk, begins + timedelta(seconds=7 * (number + 1)))


def _shop_team(casting: Casting) -> list[User]:
    return casting.play.floor.agents_of(casting.accounts["acmeshop"].channel)


class _Speakers:
    """Customers in turn, those first who are in no talk just now."""

    def __init__(self, casting: Casting) -> None:
        busy = {talk.customer for talk in casting.talks if talk.is_open}
        self._turn = sorted(casting.customers, key=busy.__contains__)

    def next_of(self, language: str) -> Customer:
        customer = next(c for c in self._turn if c.language == language)
        self._turn.remove(customer)
        return customer


def _answered(script: Script) -> int:
    """How many turns there are up to the first answer, that one included."""
    return [turn.sign for turn in script.turns].index(Sign.COLLEAGUE) + 1


def _is_asked_again(script: Script) -> bool:
    """Whether the customer has something to say to the first answer."""
    signs = [turn.sign for turn in script.turns]
    return script.is_answered and signs[_answered(script) :][:1] == [Sign.CUSTOMER]
