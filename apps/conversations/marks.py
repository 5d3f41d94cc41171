"""What people had said about a conversation and its customer by an instant, from the ledger.

Tags and priority are the conversation's, flags the customer's; the last word about each counts,
whoever said it, also where two conversations turned out to be one.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.common import sets
from apps.customers.kinship import Bond, Kin, kin_of
from apps.sla.episodes import Moment
from apps.sla.promises import NO_MARKS, Marks

TAGGED, UNTAGGED, PRIORITIZED = "tagged", "untagged", "prioritized"
FLAGGED, UNFLAGGED = "flagged", "unflagged"
OF_CONVERSATIONS = [TAGGED, UNTAGGED, PRIORITIZED]
OF_CUSTOMERS = [FLAGGED, UNFLAGGED]


@dataclass(frozen=True, slots=True)
class Word:
    """One thing somebody said: of a tag or flag by its id, or which priority.

    `home_id` is who was flagged.
    """

    at: datetime
    kind: str
    what: str
    home_id: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What was ever said about a conversation and its customer, in its order.

    Flags are also said of whoever was ever one person with the customer, their `kin`.
    """

    words: Sequence[Word] = ()
    kin: Kin | None = None

    def marks_at(self, opening: Moment) -> Marks:
        """Return what a wait that this message opens is judged by.

        The flags are those of all who were one person by then: taking people for one later, or
        apart, judges no old wait anew.
        """

        def counts(at: datetime | None) -> bool:
            return at is not None and _came_before(at, opening)

        return self._marks(
            [word for word in self.words if counts(word.at)],
            lambda bond: counts(bond.since) and not counts(bond.until),
        )

    def last_marks(self) -> Marks:
        """Return what holds after all that was said."""
        return self._marks(self.words, lambda bond: bond.until is None)

    def _marks(self, words: Sequence[Word], holds: Callable[[Bond], bool]) -> Marks:
        priority = NO_MARKS.priority
        tag_ids: set[int] = set()
        borne: set[tuple[int | None, int]] = set()
        for word in words:
            match word.kind:
                case "prioritized":
                    priority = word.what
                case "tagged":
                    tag_ids.add(int(word.what))
                case "untagged":
                    tag_ids.discard(int(word.what))
                case "flagged":
                    borne.add((word.home_id, int(word.what)))
                case "unflagged":
                    borne.discard((word.home_id, int(word.what)))
        person = self.kin.together(filter(holds, self.kin.bonds)) if self.kin else ()
        flag_ids = frozenset(flag_id for home_id, flag_id in borne if home_id in person)
        return Marks(priority, frozenset(tag_ids), flag_ids)


NOTHING_SAID = Said()


def said_about(identities: Mapping[int, int]) -> dict[int, Said]:
    """Return what was ever said about conversations and their customers.

    `identities` tells with whom each conversation is, also one that isn't written yet.
    """
    kin = kin_of(set(identities.values()))
    homes = [(i, pk) for i, who in identities.items() if who in kin for pk in kin[who].home_ids]
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
               coalesce(event.data ->> 'tag', event.data ->> 'priority'), NULL::bigint
        FROM part JOIN ledger_event event ON event.conversation_id = part.id
        WHERE event.kind = ANY(%b::text[])
        UNION ALL
        SELECT person.conversation_id, event.id, event.at, event.kind, event.data ->> 'flag',
               event.customer_id
        FROM unnest(%b::bigint[], %b::bigint[]) AS person(conversation_id, home_id)
        JOIN ledger_event event ON event.customer_id = person.home_id
        WHERE event.kind = ANY(%b::text[])
        ORDER BY 2
        """,
        list(identities),
        list(identities),
        OF_CONVERSATIONS,
        [conversation_id for conversation_id, _ in homes],
        [home_id for _, home_id in homes],
        OF_CUSTOMERS,
    )
    words: dict[int, list[Word]] = defaultdict(list)
    for conversation_id, _, at, kind, what, home_id in rows:
        words[conversation_id].append(Word(at, kind, what, home_id))
    return {i: Said(words[i], kin.get(who)) for i, who in identities.items() if i in words}


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


def _came_before(at: datetime, opening: Moment) -> bool:
    """Whether a wait is judged by it: before the message, which reached us afterwards."""
    heard_at = opening.received_at or opening.at
    return at <= opening.at and at < heard_at
