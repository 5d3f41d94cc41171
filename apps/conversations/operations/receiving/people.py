"""Who wrote it: identities for customers, credit by signature for our own posts."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from apps.agents.models import User
from apps.common import sets
from apps.conversations.operations.receiving.batch import Arrival

SIGNATURE = re.compile(r"\^([^\W\d_]{1,4})\s*$")


def identify_customers(batch: Sequence[Arrival]) -> None:
    """Give each customer's message its identity, making new customers where none is known."""
    authors: dict[tuple[str, str], Arrival] = {}
    for arrival in batch:
        author = (arrival.channel.network, arrival.message.author_id)
        if not arrival.message.ours and (
            author not in authors or _names_later(arrival, authors[author])
        ):
            authors[author] = arrival
    if not authors:
        return
    ids = _known_identities(authors)
    ids |= _new_identities({a: arrival for a, arrival in authors.items() if a not in ids})
    _keep_up_with_names(authors, ids)
    _keep_first_seen(batch, ids)
    for arrival in batch:
        if not arrival.message.ours:
            arrival.identity_id = ids[arrival.channel.network, arrival.message.author_id]


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


def _names_later(arrival: Arrival, rival: Arrival) -> bool:
    return arrival.message.posted_at > rival.message.posted_at


def _known_identities(authors: dict[tuple[str, str], Arrival]) -> dict[tuple[str, str], int]:
    rows = sets.execute(
        """
        SELECT network, external_id, id
        FROM unnest(%b::text[], %b::text[]) AS wanted(network, external_id)
        JOIN customers_identity USING (network, external_id)
        """,
        [network for network, _ in authors],
        [author_id for _, author_id in authors],
    )
    return {(network, author_id): identity_id for network, author_id, identity_id in rows}


def _new_identities(authors: dict[tuple[str, str], Arrival]) -> dict[tuple[str, str], int]:
    """Another channel's batch may know the same person at the same moment: the first one wins."""
    if not authors:
        return {}
    people = sorted(authors.items())
    sets.execute(
        """
        WITH person AS (
            SELECT * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::timestamptz[])
                AS person(network, external_id, handle, name, posted_at)
        ), numbered AS MATERIALIZED (
            SELECT person.*,
                   nextval(pg_get_serial_sequence('customers_customer', 'id')) AS customer_id
            FROM person
        ), made AS (
            INSERT INTO customers_identity
                (network, external_id, handle, name, named_at, customer_id)
            SELECT network, external_id, handle, name, posted_at, customer_id FROM numbered
            ORDER BY network, external_id
            ON CONFLICT DO NOTHING RETURNING customer_id
        )
        INSERT INTO customers_customer (id, name, first_seen_at)
        SELECT customer_id, '', posted_at FROM made JOIN numbered USING (customer_id)
        """,
        [network for (network, _), _ in people],
        [author_id for (_, author_id), _ in people],
        [arrival.message.author_handle for _, arrival in people],
        [arrival.message.author_name for _, arrival in people],
        [arrival.message.posted_at for _, arrival in people],
    )
    return _known_identities(authors)


def _keep_up_with_names(
    authors: dict[tuple[str, str], Arrival], ids: dict[tuple[str, str], int]
) -> None:
    """Also who is called the same is noted, or an older message could bring an older name back."""
    people = sorted((ids[author], arrival.message) for author, arrival in authors.items())
    sets.execute(
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
        [identity_id for identity_id, _ in people],
        [message.author_handle for _, message in people],
        [message.author_name for _, message in people],
        [message.posted_at for _, message in people],
    )


def _keep_first_seen(batch: Sequence[Arrival], ids: dict[tuple[str, str], int]) -> None:
    earliest: dict[int, datetime] = {}
    for arrival in batch:
        if not arrival.message.ours:
            identity_id = ids[arrival.channel.network, arrival.message.author_id]
            posted_at = arrival.message.posted_at
            earliest[identity_id] = min(earliest.get(identity_id, posted_at), posted_at)
    sets.execute(
        """
        UPDATE customers_customer customer SET first_seen_at = seen.at
        FROM unnest(%b::bigint[], %b::timestamptz[]) AS seen(identity_id, at)
        JOIN customers_identity identity ON identity.id = seen.identity_id
        WHERE customer.id = identity.customer_id AND customer.first_seen_at > seen.at
        """,
        list(earliest),
        list(earliest.values()),
    )
