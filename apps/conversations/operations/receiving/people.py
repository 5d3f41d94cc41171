"""Who wrote it: identities for customers, credit by signature for our own posts."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from apps.agents.models import User
from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival

AuthorKey = tuple[str, str]
Ids = dict[AuthorKey, int]

SIGNATURE = re.compile(r"\^([^\W\d_]{1,4})\s*$")


@dataclass(slots=True)
class Author:
    """A customer who wrote in this batch: who they were last, and when they wrote first."""

    newest: Arrival
    first_at: datetime

    def also_wrote(self, arrival: Arrival) -> None:
        """Take one more of their messages into account."""
        posted_at = arrival.message.posted_at
        self.first_at = min(self.first_at, posted_at)
        if posted_at > self.newest.message.posted_at:
            self.newest = arrival


@dataclass(frozen=True, slots=True)
class Known:
    """An identity that was there before."""

    identity_id: int
    named_at: datetime
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """The customers of a batch, and the question who they are."""

    authors: Mapping[AuthorKey, Author]
    sent: sets.Sent | None


def ask_who_they_are(batch: Sequence[Arrival]) -> Asked:
    """Ask for the identities of those who wrote; who is not known is made a customer."""
    authors: dict[AuthorKey, Author] = {}
    for arrival in batch:
        if not arrival.message.ours:
            author = authors.setdefault(_key(arrival), Author(arrival, arrival.message.posted_at))
            author.also_wrote(arrival)
    return Asked(authors, _ask(authors) if authors else None)


def identify_customers(batch: Sequence[Arrival], asked: Asked) -> None:
    """Give each customer's message its identity, and keep their names up to date."""
    if asked.sent is None:
        return
    authors = asked.authors
    known, ids = _known_and_made(asked.sent)
    late = {key: one for key, one in authors.items() if key not in known and key not in ids}
    if late:
        known |= _known_and_made(_ask(late))[0]
    _keep_up_with_names(authors, known)
    _keep_first_seen(authors, known)
    ids |= {key: identity.identity_id for key, identity in known.items()}
    for arrival in batch:
        if not arrival.message.ours:
            arrival.identity_id = ids[_key(arrival)]


def credit_by_signature(batch: Sequence[Arrival]) -> None:
    """Credit our own posts made elsewhere to the colleague whose initials sign them.

    Initials that two colleagues of the team share are nobody's.
    """
    ours = [arrival for arrival in batch if arrival.message.ours]
    if not ours:
        return
    signers: dict[tuple[int, str], list[int]] = defaultdict(list)
    for team_id, initials, user_id in User.objects.filter(
        teams__in={arrival.channel.team_id for arrival in ours}
    ).values_list("teams", "initials", "id"):
        signers[team_id, initials].append(user_id)
    for arrival in ours:
        if signed := SIGNATURE.search(arrival.message.text):
            who = signers[arrival.channel.team_id, signed[1]]
            arrival.credited_to_id = who[0] if len(who) == 1 else None


def _key(arrival: Arrival) -> AuthorKey:
    return (arrival.channel.network, arrival.message.author_id)


def _ask(authors: Mapping[AuthorKey, Author]) -> sets.Sent:
    """Find those who are known and make the others.

    Neither has whom another channel's batch made at the same moment: the first one wins.
    """
    people = sorted(authors.items(), key=itemgetter(0))
    newest = [author.newest.message for _, author in people]
    return sets.send(
        """
        WITH told AS (
            SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[],
                                 %b::timestamptz[])
                AS told(network, external_id, handle, name, named_at, first_at)
        ), known AS MATERIALIZED (
            SELECT network, external_id, identity.id, identity.named_at, customer.first_seen_at
            FROM told JOIN customers_identity identity USING (network, external_id)
            JOIN customers_customer customer
                ON customer.id = coalesce(identity.home_id, identity.customer_id)
        ), person AS MATERIALIZED (
            SELECT told.*, nextval('customers_customer_id_seq') AS customer_id
            FROM told LEFT JOIN known USING (network, external_id) WHERE known.id IS NULL
        ), made AS (
            INSERT INTO customers_identity
                (network, external_id, handle, name, named_at, customer_id)
            SELECT network, external_id, handle, name, named_at, customer_id FROM person
            ORDER BY network, external_id
            ON CONFLICT DO NOTHING RETURNING network, external_id, id, customer_id
        ), seen AS (
            INSERT INTO customers_customer (id, name, first_seen_at)
            SELECT customer_id, '', first_at FROM made JOIN person USING (customer_id)
        )
        SELECT network, external_id, id, named_at, first_seen_at FROM known
        UNION ALL SELECT network, external_id, id, NULL, NULL FROM made
        """,
        [network for (network, _), _ in people],
        [author_id for (_, author_id), _ in people],
        [message.author_handle for message in newest],
        [message.author_name for message in newest],
        [message.posted_at for message in newest],
        [author.first_at for _, author in people],
    )


def _known_and_made(sent: sets.Sent) -> tuple[dict[AuthorKey, Known], Ids]:
    rows = sent.rows()
    known = {(row[0], row[1]): Known(*row[2:]) for row in rows if row[3] is not None}
    made = {(row[0], row[1]): int(row[2]) for row in rows if row[3] is None}
    return known, made


def _keep_up_with_names(
    authors: Mapping[AuthorKey, Author], known: Mapping[AuthorKey, Known]
) -> None:
    """Also who is called the same is noted, or an older message could bring an older name back."""
    said = [
        (identity.identity_id, authors[key].newest.message)
        for key, identity in known.items()
        if identity.named_at < authors[key].newest.message.posted_at
    ]
    if not said:
        return
    sets.send(
        """
        WITH said AS MATERIALIZED (
            SELECT said.*
            FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::timestamptz[])
                AS said(id, handle, name, posted_at)
            JOIN customers_identity identity USING (id)
            WHERE identity.named_at < said.posted_at
            ORDER BY id FOR NO KEY UPDATE OF identity
        )
        UPDATE customers_identity identity
        SET handle = said.handle, name = said.name, named_at = said.posted_at
        FROM said WHERE identity.id = said.id
        """,
        [identity_id for identity_id, _ in said],
        [message.author_handle for _, message in said],
        [message.author_name for _, message in said],
        [message.posted_at for _, message in said],
    )


def _keep_first_seen(authors: Mapping[AuthorKey, Author], known: Mapping[AuthorKey, Known]) -> None:
    earlier = {
        identity.identity_id: authors[key].first_at
        for key, identity in known.items()
        if authors[key].first_at < identity.first_seen_at
    }
    if not earlier:
        return
    sets.send(
        """
        UPDATE customers_customer customer SET first_seen_at = seen.at
        FROM unnest(%b::bigint[], %b::timestamptz[]) AS seen(identity_id, at)
        JOIN customers_identity identity ON identity.id = seen.identity_id
        WHERE customer.id = coalesce(identity.home_id, identity.customer_id)
          AND customer.first_seen_at > seen.at
        """,
        list(earlier),
        list(earlier.values()),
    )
