"""What is played before today: ninety days of everyday talks, brand posts and an outage."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.utils import timezone

from socialdesk.demo import pace
from socialdesk.demo.casting import Casting
from socialdesk.demo.crowd import Customer
from socialdesk.demo.script import Script

DAYS = 90
TALKS = 860
JOINS_SHARE, AGAIN_SHARE = 0.05, 0.12
OUTAGE_DAYS_AGO = 23
OUTAGE_TALKS = 84
OUTAGE_HOURS = 4
SATURDAY = 5


def everyday(casting: Casting, *, start: datetime, end: datetime, talks: int = TALKS) -> None:
    """Put talks all over the history; everybody writes at least once."""
    chance = casting.chance("everyday")
    everybody = casting.customers
    weights = [customer.weight for customer in everybody]
    crowd = [*everybody, *chance.choices(everybody, weights, k=max(0, talks - len(everybody)))]
    chance.shuffle(crowd)
    del crowd[talks:]
    instants = pace.arrivals(len(crowd), start=start, end=end, chance=chance)
    for number, (at, customer) in enumerate(zip(instants, crowd, strict=True)):
        own = casting.chance(f"talk {number}")
        casting.play.at(at, partial(_somebody_writes, casting, customer, own))


def outage(casting: Casting, *, now: datetime) -> None:
    """One evening the line is down in a whole district: everybody writes at once."""
    chance = casting.chance("outage")
    evening = _working_evening(now - timedelta(days=OUTAGE_DAYS_AGO))
    casting.play.rush = (evening, evening + timedelta(hours=OUTAGE_HOURS))
    for customer in chance.sample(list(casting.customers), OUTAGE_TALKS):
        scripts = casting.tagged("outage", language=customer.language)
        minutes = min(60.0 * OUTAGE_HOURS, chance.gammavariate(1.6, 42))
        own = casting.chance(f"outage {customer.handle}")
        casting.put_on(customer, own.choice(scripts), evening + timedelta(minutes=minutes), own)


def brand_posts(casting: Casting, *, start: datetime, end: datetime) -> None:
    """The brands write to everybody now and then, and people comment below."""
    below: dict[str, list[Script]] = defaultdict(list)
    for script in casting.scripts:
        if "under" in script.tags:
            below[script.turns[0].texts[0]].append(script)
    for number, comments in enumerate(below.values()):
        chance = casting.chance(f"brand post {number}")
        day = timezone.localtime(start + (end - start) * ((number + 0.4) / len(below)))
        at = day.replace(hour=11, minute=chance.randrange(60))
        casting.play.at(at, partial(_brand_writes, casting, comments, chance))


def _somebody_writes(casting: Casting, customer: Customer, chance: Random, at: datetime) -> None:
    kind = chance.random()
    if kind < AGAIN_SHARE and _comes_back(casting, customer, chance, at):
        return
    if kind > 1 - JOINS_SHARE and _joins_somebody(casting, customer, chance, at):
        return
    casting.put_on(customer, casting.draw(customer, chance), at, chance)


def _comes_back(casting: Casting, customer: Customer, chance: Random, at: datetime) -> bool:
    """Write again where it was said before, long after that was resolved."""
    for talk in reversed(casting.talks):
        if talk.customer is customer and talk.last and not talk.is_open and talk.script.is_answered:
            scripts = casting.tagged(
                "again", language=talk.script.language, brand=talk.account.person.handle
            )
            casting.put_on_again(talk, chance.choice(scripts), at, chance)
            return True
    return False


def _joins_somebody(casting: Casting, customer: Customer, chance: Random, at: datetime) -> bool:
    """Say below somebody's first post that it is the same here."""
    for talk in reversed(casting.talks[-8:]):
        scripts = casting.tagged(
            "joins", language=customer.language, brand=talk.account.person.handle
        )
        below = {other.customer for other in casting.talks if other.joins is talk.first}
        if talk.first and talk.joins is None and customer not in {talk.customer, *below}:
            casting.put_on(customer, chance.choice(scripts), at, chance, joins=talk.first)
            return True
    return False


def _brand_writes(casting: Casting, comments: list[Script], chance: Random, at: datetime) -> None:
    """The first turn of every comment's script is the post it stands below."""
    first = comments[0]
    account = casting.accounts[first.brand]
    root = casting.play.post_as_brand(account, first.turns[0].texts[0], first.language, at)
    for customer in chance.sample(list(casting.customers), len(comments) + 2):
        own = casting.chance(f"comment {at:%j} {customer.handle}")
        later = at + timedelta(minutes=2 + chance.gammavariate(1.3, 130))
        casting.put_on(customer, own.choice(comments), later, own, joins=root, played=1)


def _working_evening(day: datetime) -> datetime:
    there = timezone.localtime(day)
    while there.weekday() >= SATURDAY:
        there -= timedelta(days=1)
    return there.replace(hour=18, minute=10, second=0, microsecond=0)
