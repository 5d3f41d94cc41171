"""What lists ask of PostgreSQL, written once for all who ask the same.

Stand-ins are in the places of who asks, of the instant and of where a page goes on; filters are
part of the text. Room for the texts is bounded: what is asked rarely is written again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Value

from apps.agents.models import User
from apps.common.statements import Statement
from apps.conversations.models import Conversation
from apps.conversations.models.conversation import ConversationQuerySet
from apps.conversations.queries.asking import Asked, Place, Section
from apps.conversations.queries.bands import Band, attention, bands, ids, within

KEPT = 500
PERSON, CONVERSATION, TEAM, ONLY = -(2**40), -(2**41), -(2**42), -(2**43)
"""Stand-ins: ids that no row has. Of the last two there are several, each smaller by one."""

NOW = datetime(1900, 1, 1, tzinfo=UTC)
PLACE = datetime(1800, 1, 1, tzinfo=UTC)


NO_ROW = Statement("SELECT 1 WHERE false", ())


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the text depends on; `teams`, how many, or None where they are asked for in it."""

    asked: Asked
    is_admin: bool
    teams: int | None

    @property
    def person(self) -> User:
        """Somebody like who asks."""
        person = User(pk=PERSON, role=User.Role.ADMIN if self.is_admin else User.Role.AGENT)
        if self.teams is not None:
            teams = [TEAM - number for number in range(self.teams)]
            person.read_team_ids = teams  # type: ignore[attr-defined]
        return person


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, and when."""

    user: User
    at: datetime

    def shape(self, asked: Asked) -> Shape:
        """Return what the text depends on."""
        teams = self._teams
        return Shape(asked, self.user.is_admin, None if teams is None else len(teams))

    def real(self, asked: Asked) -> dict[object, object]:
        """Return what is real by what stands in for it."""
        before = timedelta(minutes=asked.filters.over or 0)
        real: dict[object, object] = {NOW: self.at, NOW - before: self.at - before}
        real |= {TEAM - number: pk for number, pk in enumerate(self._teams or [])}
        return real | {PERSON: self.user.pk}

    @property
    def _teams(self) -> list[int] | None:
        read: list[int] | None = getattr(self.user, "read_team_ids", None)
        return read


def count_of(asked: Asked, reader: Reader, most: int) -> Statement:
    """Return the question for what is counted of a list, up to `most`."""
    return _count(reader.shape(asked), most).given(reader.real(asked))


def sections(asked: Asked) -> tuple[Section, ...]:
    """Return the sections of a list from its top, as its bands follow each other."""
    return tuple(band.section for band in _bands(asked))


def first_places(
    asked: Asked,
    reader: Reader,
    among: Sequence[Section],
    *,
    after: Place | None,
    only: Sequence[int] | None,
    limit: int,
) -> list[Place]:
    """Return the first `limit` places that these sections hold one after the other, in one
    statement: after a place, and of `only` these, if any are named.
    """
    chosen = [band for band in _bands(asked) if band.section in among]
    goes_on = after is not None and after.section in among
    number = None if only is None else _rounded(len(only))
    try:
        statement = _places(reader.shape(asked), tuple(among), goes_on, number, _rounded(limit))
    except EmptyResultSet:
        return []
    real = reader.real(asked) | {ONLY - place: pk for place, pk in enumerate(only or ())}
    if after is not None:
        real |= {PLACE: after.at, CONVERSATION: after.conversation_id}

    def in_order(row: tuple[int, datetime, int]) -> tuple[int, float, int]:
        band, at, pk = row
        sign = -1 if chosen[band].descending else 1
        return band, sign * at.timestamp(), sign * pk

    rows = sorted(statement.given(real).rows(), key=in_order)[:limit]
    return [Place(chosen[band].section, at, pk) for band, at, pk in rows]


def _rounded(number: int) -> int:
    """There are to be few texts: rows too many are left away, stand-ins too many are no row."""
    return 1 << (number - 1).bit_length()


@lru_cache(KEPT)
def _bands(asked: Asked) -> tuple[Band, ...]:
    return tuple(bands(asked, at=NOW))


@lru_cache(KEPT)
def _count(shape: Shape, most: int) -> Statement:
    band = attention(shape.asked, at=NOW)
    try:
        return Statement.of(ids(band, shape.asked, shape.person, most)[:most])
    except EmptyResultSet:  # as for somebody who is in no team
        return NO_ROW


@lru_cache(KEPT)
def _places(
    shape: Shape, among: tuple[Section, ...], goes_on: bool, only: int | None, limit: int
) -> Statement:
    after = Place(among[0], PLACE, CONVERSATION) if goes_on else None
    named = None if only is None else [ONLY - number for number in range(only)]
    chosen = [band for band in _bands(shape.asked) if band.section in among]
    first, *others = (
        _ordered(band)
        .filter(id__in=ids(within(band, after, named), shape.asked, shape.person, limit))
        .annotate(band=Value(number), place=F(band.field))
        .order_by(*band.order)
        .values_list("band", "place", "id")[:limit]
        for number, band in enumerate(chosen)
    )
    return Statement.of(first.union(*others, all=True) if others else first)


def _ordered(band: Band) -> ConversationQuerySet:
    every = Conversation.objects.all()
    return every.with_wait() if band.field == "due_at" else every
