"""What people had said about a conversation and its customer by an instant, from the ledger.

Tags and priority are the conversation's, flags the customer's; the last word about each counts,
whoever said it, also where two conversations turned out to be one.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.common import sets
from apps.sla.episodes import Moment
from apps.sla.promises import NO_MARKS, Marks

TAGGED, UNTAGGED, PRIORITIZED = "tagged", "untagged", "prioritized"
FLAGGED, UNFLAGGED = "flagged", "unflagged"
OF_CONVERSATIONS = [TAGGED, UNTAGGED, PRIORITIZED]
OF_CUSTOMERS = [FLAGGED, UNFLAGGED]


@dataclass(frozen=True, slots=True)
class Word:
    """One thing somebody said: of a tag or flag by its id, or which priority."""

    at: datetime
    kind: str
    what: str

    def counts_for(self, opening: Moment) -> bool:
        """Whether a wait is judged by it: said before the message, which reached us afterwards."""
        heard_at = opening.received_at or opening.at
        return self.at <= opening.at and self.at < heard_at


Words = Mapping[int, Sequence[Word]]


def words_about(identities: Mapping[int, int]) -> Words:
    """Return what was ever said about conversations and their customers, in its order.

    `identities` tells with whom each conversation is, also one that isn't written yet.
    """
    rows = sets.execute(
        """
        WITH part AS (
            SELECT id, id AS conversation_id FROM unnest(%b::bigint[]) AS wanted(id)
            UNION ALL
            SELECT merged.id, merged.merged_into_id
            FROM unnest(%b::bigint[]) AS wanted(id)
            JOIN conversations_conversation merged ON merged.merged_into_id = wanted.id
        )
        SELECT part.conversation_id, event.id, event.at, event.kind,
               coalesce(event.data ->> 'tag', event.data ->> 'priority')
        FROM part JOIN ledger_event event ON event.conversation_id = part.id
        WHERE event.kind = ANY(%b::text[])
        UNION ALL
        SELECT wanted.id, event.id, event.at, event.kind, event.data ->> 'flag'
        FROM unnest(%b::bigint[], %b::bigint[]) AS wanted(id, identity_id)
        JOIN customers_identity identity ON identity.id = wanted.identity_id
        JOIN ledger_event event ON event.customer_id IN (identity.customer_id, identity.home_id)
        WHERE event.kind = ANY(%b::text[])
        ORDER BY 2
        """,
        list(identities),
        list(identities),
        OF_CONVERSATIONS,
        list(identities),
        list(identities.values()),
        OF_CUSTOMERS,
    )
    words: dict[int, list[Word]] = defaultdict(list)
    for conversation_id, _, at, kind, what in rows:
        words[conversation_id].append(Word(at, kind, what))
    return words


def marks_at(opening: Moment, words: Sequence[Word]) -> Marks:
    """Return what a wait that this message opens is judged by."""
    return _marks(words, counts=lambda word: word.counts_for(opening))


def last_marks(words: Sequence[Word]) -> Marks:
    """Return what holds after all that was said."""
    return _marks(words, counts=lambda _word: True)


def hold_customers(identity_ids: Collection[int]) -> None:
    """Let nobody flag these customers until this transaction ends."""
    sets.execute(
        """
        SELECT 1 FROM customers_customer customer
        WHERE customer.id IN (
            SELECT identity.customer_id FROM customers_identity identity
            WHERE identity.id = ANY(%b::bigint[]))
        ORDER BY customer.id FOR SHARE OF customer
        """,
        list(identity_ids),
    )


def _marks(words: Sequence[Word], *, counts: Callable[[Word], bool]) -> Marks:
    priority = NO_MARKS.priority
    tag_ids: set[int] = set()
    flag_ids: set[int] = set()
    for word in filter(counts, words):
        match word.kind:
            case "prioritized":
                priority = word.what
            case "tagged":
                tag_ids.add(int(word.what))
            case "untagged":
                tag_ids.discard(int(word.what))
            case "flagged":
                flag_ids.add(int(word.what))
            case "unflagged":
                flag_ids.discard(int(word.what))
    return Marks(priority, frozenset(tag_ids), frozenset(flag_ids))
