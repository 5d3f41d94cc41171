"""What an archive's waits come to under a promise, from the CSV alone: nothing of the desk is used.

Written from threads.md and clocks.md: threads over the whole file, a conversation for each
customer in each brand's channel, waits from the first unanswered tweet to the brand's next one.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TextIO

HANDLE = re.compile(r"@([A-Za-z0-9_]+)")


@dataclass(frozen=True)
class Tweet:
    number: int
    author: str
    at: datetime
    text: str
    parent: int | None

    @property
    def by_brand(self) -> bool:
        return not self.author.isdigit()

    @property
    def place(self) -> tuple[datetime, int]:
        return (self.at, self.number)


@dataclass
class Standings:
    """How the waits of one kind in one channel stand."""

    met: int = 0
    breached: int = 0
    running: int = 0


@dataclass
class _Conversation:
    asked_at: datetime | None = None
    waits: list[tuple[datetime, datetime | None]] = field(default_factory=list)


def standings(file: TextIO, promise: timedelta) -> dict[str, dict[str, Standings]]:
    """By brand and kind of wait; a brand of which nobody asked anything has none of a kind."""
    tweets = {
        int(row["tweet_id"]): Tweet(
            int(row["tweet_id"]),
            row["author_id"],
            datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y"),
            row["text"],
            int(float(row["in_response_to_tweet_id"])) if row["in_response_to_tweet_id"] else None,
        )
        for row in csv.DictReader(file)
    }
    brands = {tweet.author for tweet in tweets.values() if tweet.by_brand}
    found: dict[str, dict[str, Standings]] = {
        brand: {"first_response": Standings(), "next_response": Standings()} for brand in brands
    }
    for thread in _threads(tweets):
        for brand in _concerned(thread, brands):
            for waits in _waits(thread, brand, tweets):
                for position, wait in enumerate(waits):
                    kind = "next_response" if position else "first_response"
                    _count(found[brand][kind], wait, promise)
    return found


def _threads(tweets: dict[int, Tweet]) -> Iterator[list[Tweet]]:
    """Whatever parents connect, named ones that are missing included; each in order of time."""
    beside: dict[int, set[int]] = defaultdict(set)
    for tweet in tweets.values():
        beside[tweet.number].add(tweet.parent or tweet.number)
        beside[tweet.parent or tweet.number].add(tweet.number)
    seen: set[int] = set()
    for start in beside:
        if start in seen:
            continue
        thread, waiting = set(), [start]
        while waiting:
            number = waiting.pop()
            if number not in thread:
                thread.add(number)
                waiting.extend(beside[number])
        seen |= thread
        yield sorted((tweets[n] for n in thread if n in tweets), key=lambda tweet: tweet.place)


def _concerned(thread: list[Tweet], brands: set[str]) -> set[str]:
    wrote = {tweet.author for tweet in thread if tweet.by_brand}
    named = {handle.lower() for handle in HANDLE.findall(thread[0].text)}
    return wrote or {brand for brand in brands if brand.lower() in named}


def _waits(
    thread: list[Tweet], brand: str, tweets: dict[int, Tweet]
) -> Iterable[list[tuple[datetime, datetime | None]]]:
    """Each customer's waits, in order."""
    conversations: dict[str, _Conversation] = defaultdict(_Conversation)
    for tweet in thread:
        if tweet.by_brand and tweet.author != brand:
            continue
        customer = _customer(tweet, brand, tweets)
        if customer is None:
            continue
        conversation = conversations[customer]
        if not tweet.by_brand:
            conversation.asked_at = conversation.asked_at or tweet.at
        elif conversation.asked_at:
            conversation.waits.append((conversation.asked_at, tweet.at))
            conversation.asked_at = None
    for conversation in conversations.values():
        if conversation.asked_at:
            conversation.waits.append((conversation.asked_at, None))
    return [conversation.waits for conversation in conversations.values()]


def _customer(tweet: Tweet, brand: str, tweets: dict[int, Tweet]) -> str | None:
    """Whose conversation it is: the author's, or the nearest customer's above the brand's posts."""
    passed: Counter[int] = Counter()
    above: Tweet | None = tweet
    while above is not None and above.author == brand and not passed[above.number]:
        passed[above.number] += 1
        above = tweets.get(above.parent) if above.parent else None
    return None if above is None or above.by_brand else above.author


def _count(found: Standings, wait: tuple[datetime, datetime | None], promise: timedelta) -> None:
    asked_at, answered_at = wait
    if answered_at is None:
        found.running += 1
    elif answered_at - asked_at <= promise:
        found.met += 1
    else:
        found.breached += 1
