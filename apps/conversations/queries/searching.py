"""Searching what was said, and people, by words: the newest first, in stretches of ids.

An entry holds a message's words and, as words too, the stretches of ids it stands in. Asked for a
word within a stretch PostgreSQL passes over all that stands elsewhere, so that the newest of a word
that stands in every message are found as fast as those of a rare one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Expression, F, Max, Model, OuterRef, Q, QuerySet, Value

from apps.agents.models import User
from apps.channels.models import Channel, secrets_of
from apps.common.words import All, Matches, Phrase, Prefix, Words, Written, folded, has_words
from apps.conversations.models import Conversation, Message, SearchEntry, Unsearched
from apps.customers.models import Customer, Identity

PAGE = 30
PEOPLE = 8
LINES_OF_PEOPLE = 60
LONGEST_QUERY = 200
MOST_TERMS = 12
SHORTEST_BEGINNING = 2
STRETCHES = (13, 20)
"""Powers of two, as `desk_entry_words` marks them: about 8 thousand ids, and a million."""

MOST_UNSEARCHED = 2_000
NEWEST_LOOKED_AT = 1 << 17
"""How many messages are looked at for what no index holds: an emoji that is all of the query."""

_TERM = re.compile(r'"([^"]+)"|(\S+)')

Row = TypeVar("Row", bound=Model)
Window = tuple[int, int, Sequence[Expression]]


class Said(StrEnum):
    """Who said what is searched."""

    ANYBODY = ""
    CUSTOMERS = "inbound"
    US = "outbound"
    NOTES = "note"


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: words, "phrases in quotes" and beginnings*, all of which must be there."""

    text: str
    said: Said = Said.ANYBODY
    channel_id: int | None = None
    terms: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = (quoted or bare for quoted, bare in _TERM.findall(self.text[:LONGEST_QUERY]))
        object.__setattr__(self, "terms", tuple(found)[:MOST_TERMS])

    @property
    def words(self) -> list[str]:
        """The terms that are held as words."""
        return [term for term in self.terms if has_words(term)]

    @property
    def signs(self) -> list[str]:
        """The terms that are not: emoji and other signs."""
        return [term for term in self.terms if not has_words(term)]

    def asks(self) -> All:
        """Return what the words ask for."""
        return All(*(_asked(word) for word in self.words))


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of messages, newest first: all are below `top`, and the next page below `next`."""

    messages: list[Message]
    top: int
    next: int | None


def messages(query: Query, *, user: User, before: int | None = None, limit: int = PAGE) -> Hits:
    """Find what `user` may read, the newest first; `before` a message's id, to go on from."""
    if not query.terms:
        return Hits([], before or 0, None)
    newest, unsearched = _newest_and_unsearched(query, user, before)
    top = before or newest + 1
    found = _by_words(query, user, top, limit + 1) if query.words else _by_signs(query, user, top)
    ids = sorted({*found, *unsearched}, reverse=True)[: limit + 1]
    shown = (
        Message.objects.filter(id__in=ids[:limit], conversation__isnull=False)
        .exclude(state__in=[Message.State.UNDONE, Message.State.DISCARDED])
        .select_related("author", "conversation__identity", "conversation__channel")
        .defer(*secrets_of("conversation__channel"))
        .order_by("-id")
    )
    return Hits(list(shown), top, ids[limit - 1] if len(ids) > limit else None)


def people(query: Query, *, user: User, top: int | None = None) -> list[Identity]:
    """Find a few customers by name or handle whom `user` may know, those who wrote last first.

    The last word may be the beginning of one. `top` is an id that all messages are below, where it
    is known.
    """
    words = [word for term in query.words for word in folded(term.strip("*")).split()]
    if not words or len(words[-1]) < SHORTEST_BEGINNING:
        return []
    wrote = list(dict.fromkeys(_who_wrote(words, user, top or _top())))[:PEOPLE]
    known = Conversation.objects.visible_to(user).filter(identity=OuterRef("id"))
    asked = All(*(Phrase(Value(word)) for word in words[:-1]), Prefix(Value(words[-1])))
    called = Customer.objects.filter(~Q(name="")).filter(Matches(Words("name"), asked))
    theirs = Identity.objects.filter(Exists(known), customer__in=called.values("id")[:PEOPLE])
    found = (
        Identity.objects.filter(id__in=wrote)
        .union(theirs.order_by()[:PEOPLE])
        .values_list("id", flat=True)
    )
    order = {identity_id: place for place, identity_id in enumerate(wrote)}
    shown = Identity.objects.filter(id__in=found).select_related("customer")
    return sorted(shown, key=lambda identity: order.get(identity.pk, PEOPLE))[:PEOPLE]


def _top() -> int:
    return 1 + (Message.objects.aggregate(newest=Max("id"))["newest"] or 0)


def _asked(term: str) -> Expression:
    begins = term.endswith("*") and " " not in term
    return Prefix(Value(term.rstrip("*"))) if begins else Phrase(Value(term))


def _by_words(query: Query, user: User, top: int, limit: int) -> list[int]:
    held = _narrowed(SearchEntry.objects.all(), query, user)
    for sign in query.signs:
        held = held.filter(message__text__contains=sign)
    return _newest(held, query.asks(), "message_id", top, STRETCHES, limit)


def _who_wrote(words: Sequence[str], user: User, top: int) -> list[int]:
    """Return identities by the names their messages came under, who wrote last first."""
    names = [f"'@{word}'" for word in words[:-1]] + [f"'@{words[-1]}':*"]
    held = SearchEntry.objects.filter(channel__in=Channel.objects.visible_to(user))
    asked = Written(Value(" & ".join(names)))
    return _newest(held, asked, "message__identity", top, STRETCHES[1:], LINES_OF_PEOPLE)


def _newest(
    held: "QuerySet[SearchEntry]",
    asked: Expression,
    wanted: str,
    top: int,
    stretches: Sequence[int],
    limit: int,
) -> list[int]:
    """`place` is the id, so put that PostgreSQL takes the words' index and not the ids'."""
    held = held.annotate(place=F("message_id") + 0)
    found: list[int] = []
    for above, below, marks in _windows(top, stretches):
        within = held.filter(
            Matches(F("words"), All(asked, *marks)), place__gt=above, place__lt=below
        )
        found += within.order_by("-place").values_list(wanted, flat=True)[: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def _windows(top: int, stretches: Sequence[int]) -> Iterator[Window]:
    """Go back from `top` in growing steps: above which id, below which, and the marks of it."""
    below = top
    for bits in stretches:
        above = max(0, below - (1 << bits))
        marks = range((above + 1) >> bits, (below >> bits) + 1)
        yield above, below, [Written(Value(" | ".join(f"'~{bits}:{mark}'" for mark in marks)))]
        if above == 0:
            return
        below = above + 1
    yield 0, below, []


def _newest_and_unsearched(query: Query, user: User, before: int | None) -> tuple[int, list[int]]:
    """The newest message's id; and what is found in the newest messages themselves whose words are
    not held yet.
    """
    noted = Unsearched.objects.order_by("-id").values("message")[:MOST_UNSEARCHED]
    found = _with_signs(Message.objects.filter(id__in=noted), query, user)
    if before is not None:
        found = found.filter(id__lt=before)
    if query.words:
        found = found.filter(Matches(Words("text"), query.asks()))
    newest = Message.objects.order_by("-id").values_list("id", ArraySubquery(found.values("id")))
    return newest.first() or (0, [])


def _by_signs(query: Query, user: User, top: int) -> list[int]:
    newest = Message.objects.filter(id__gt=top - NEWEST_LOOKED_AT, id__lt=top)
    found = _with_signs(newest, query, user).order_by("-id")
    return list(found.values_list("id", flat=True)[: PAGE + 1])


def _with_signs(found: "QuerySet[Message]", query: Query, user: User) -> "QuerySet[Message]":
    found = _narrowed(found, query, user)
    for sign in query.signs:
        found = found.filter(text__contains=sign)
    return found


def _narrowed(found: "QuerySet[Row]", query: Query, user: User) -> "QuerySet[Row]":
    found = found.filter(channel__in=Channel.objects.visible_to(user))
    if query.said:
        found = found.filter(direction=str(query.said))
    if query.channel_id:
        found = found.filter(channel=query.channel_id)
    return found
