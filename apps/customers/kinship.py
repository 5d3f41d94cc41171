"""Who was taken for one person when: what people decided about matches, and took back."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from apps.common import sets
from apps.common.forest import Forest
from apps.customers.models import Match

_DECIDED = [Match.State.CONFIRMED.value, Match.State.PARTED.value]


@dataclass(frozen=True, slots=True)
class Bond:
    """That two homes were one person's, from the decision until it was taken back."""

    one_id: int
    other_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Kin:
    """With whom an identity was ever one person: its own home, and the bonds that lead from it."""

    home_id: int
    bonds: list[Bond] = field(default_factory=list)

    @property
    def home_ids(self) -> set[int]:
        """The home of everyone who was ever one person with it, its own among them."""
        ends = {pk for bond in self.bonds for pk in (bond.one_id, bond.other_id)}
        return {self.home_id, *ends}

    def together(self, bonds: Iterable[Bond]) -> frozenset[int]:
        """Return the homes that these bonds, directly or through others, join to its own."""
        person: Forest[int] = Forest()
        for bond in bonds:
            person.join(bond.one_id, bond.other_id)
        own = person.find(self.home_id)
        return frozenset(pk for pk in person.nodes() if person.find(pk) == own)


def kin_of(identity_ids: Collection[int]) -> dict[int, Kin]:
    """Return with whom each of these identities was ever one person, in one statement."""
    rows = sets.execute(
        """
        WITH RECURSIVE person AS (
            SELECT id AS asked_id, id AS identity_id FROM unnest(%b::bigint[]) AS asked(id)
            UNION
            SELECT person.asked_id, near.id
            FROM person CROSS JOIN LATERAL (
                SELECT right_id FROM customers_match
                WHERE left_id = person.identity_id AND state = ANY(%b::text[])
                UNION ALL
                SELECT left_id FROM customers_match
                WHERE right_id = person.identity_id AND state = ANY(%b::text[])
            ) near(id)
        )
        SELECT person.asked_id, person.asked_id = one.id, coalesce(one.home_id, one.customer_id),
               coalesce(other.home_id, other.customer_id), match.decided_at, match.parted_at
        FROM person
        JOIN customers_identity one ON one.id = person.identity_id
        LEFT JOIN customers_match match ON match.left_id = one.id AND match.state = ANY(%b::text[])
        LEFT JOIN customers_identity other ON other.id = match.right_id
        ORDER BY 1, 2 DESC
        """,
        list(identity_ids),
        _DECIDED,
        _DECIDED,
        _DECIDED,
    )
    kin: dict[int, Kin] = {}
    for identity_id, _, home_id, other_id, since, until in rows:
        known = kin.setdefault(identity_id, Kin(home_id))
        if other_id is not None:
            known.bonds.append(Bond(home_id, other_id, since, until))
    return kin
