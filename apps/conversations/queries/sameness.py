"""How alike a text is to what this desk said before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from apps.agents.models import User
from apps.channels.models import Channel, secrets_of
from apps.common.statements import Statement
from apps.conversations.models import Message
from apps.conversations.sameness.canonical import Shingles, canonical, jaccard, shingles
from apps.conversations.sameness.minhash import bands
from apps.conversations.sameness.sharing import NEAR, Sharing, sharing

REMEMBERED = timedelta(days=30)
WEEK = timedelta(days=7)
MOST_CANDIDATES = 30
MOST_OF_A_BAND = 200
MOST_COUNTED = 200
SHOWN = 3
FEWEST_WORDS = 4  # "You're welcome!" is everybody's

_CANDIDATES = """
    SELECT wording.id, wording.text
    FROM (
        SELECT found.wording_id, count(*) AS shared
        FROM unnest(%s::bigint[]) AS asked(key)
        CROSS JOIN LATERAL (
            SELECT wording_id FROM conversations_band band
            WHERE band.key = asked.key ORDER BY wording_id DESC LIMIT %s
        ) found
        GROUP BY found.wording_id HAVING count(*) > 1
        ORDER BY shared DESC, found.wording_id DESC LIMIT %s
    ) candidate
    JOIN conversations_wording wording ON wording.id = candidate.wording_id
    WHERE wording.last_said_at >= %s
"""

_SAID = """
    SELECT candidate.text, said.replies, said.this_week, said.newest_id
    FROM ({candidates}) candidate
    CROSS JOIN LATERAL (
        SELECT count(*) AS replies, count(*) FILTER (WHERE said_at >= %s) AS this_week,
               (array_agg(message_id ORDER BY said_at DESC))[1] AS newest_id
        FROM (
            SELECT message_id, said_at FROM conversations_likeness likeness
            WHERE likeness.wording_id = candidate.id AND said_at >= %s
              AND channel_id = ANY (ARRAY({readable}))
            ORDER BY said_at DESC LIMIT %s
        ) recent
    ) said
    WHERE said.replies > 0
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """How near a text comes to earlier replies.

    `percent` is the likeness to the nearest reply, 0 where none is like it at all. `replies` counts
    those that are near-duplicates, of each wording at most `MOST_COUNTED`, over the last week or,
    where that had none, over 30 days. `likest` are some of them, the nearest first.
    """

    percent: int = 0
    replies: int = 0
    this_week: bool = False
    likest: tuple[Message, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were counted."""
        return self.replies >= MOST_COUNTED

    @property
    def is_near(self) -> bool:
        """Whether somebody said nearly the same before."""
        return self.replies > 0


def alike(text: str, *, user: User, at: datetime) -> Alike:
    """Compare a draft with the replies of the last 30 days that this person may read."""
    words = canonical(text)
    if len(words.split()) < FEWEST_WORDS:
        return Alike()
    said = _said(words, user=user, at=at)
    best = max((one.likeness for one in said), default=0.0)
    repeated = [one for one in said if one.likeness >= NEAR]
    this_week = [one for one in repeated if one.this_week]
    counted = this_week or repeated
    return Alike(
        percent=int(100 * best),
        replies=sum(one.this_week if this_week else one.replies for one in counted),
        this_week=bool(this_week),
        likest=_likest(counted),
    )


def near_wordings(words: str, *, at: datetime) -> dict[int, float]:
    """Return the likeness of each wording of the 30 days before that probably is like this one."""
    own = shingles(words)
    found = Statement(_CANDIDATES, _asked(own, at=at)).rows()
    return {pk: jaccard(own, shingles(text)) for pk, text in found}


def sharing_by_channel() -> Iterator[tuple[Channel, Sharing]]:
    """Count the near-duplicates among all stored replies of each channel, read from their texts."""
    for channel in Channel.objects.order_by("handle", "id"):
        replies = Message.objects.filter(
            channel=channel, direction=Message.Direction.OUTBOUND, state=Message.State.SENT
        )
        yield channel, sharing(replies.values_list("text", flat=True).iterator())


class _Said(NamedTuple):
    """How like the draft a wording is; how often it was said, over 30 days and this week; and the
    last reply that did.
    """

    likeness: float
    replies: int
    this_week: int
    newest_id: int


def _said(words: str, *, user: User, at: datetime) -> list[_Said]:
    """Find wordings like this one and count their replies, of channels this person may read.

    In one question: each more is waited for, and a draft is compared while somebody types.
    """
    own = shingles(words)
    readable = Statement.of(Channel.objects.visible_to(user).order_by().values("id"))
    since = [at - WEEK, at - REMEMBERED]
    values = [*_asked(own, at=at), *since, *readable.values, MOST_COUNTED]
    found = Statement(_SAID.format(candidates=_CANDIDATES, readable=readable.text), values).rows()
    return [_Said(jaccard(own, shingles(text)), *counts) for text, *counts in found]


def _asked(own: Shingles, *, at: datetime) -> list[object]:
    return [bands(own), MOST_OF_A_BAND, MOST_CANDIDATES, at - REMEMBERED]


def _likest(counted: list[_Said]) -> tuple[Message, ...]:
    """The newest reply of each of the nearest wordings."""
    nearest = sorted(counted, key=lambda one: -one.likeness)[:SHOWN]
    ids = [one.newest_id for one in nearest]
    replies = Message.objects.select_related("author", "channel").defer(*secrets_of("channel"))
    found = replies.in_bulk(ids)
    return tuple(found[pk] for pk in ids if pk in found)
