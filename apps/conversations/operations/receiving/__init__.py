"""Receiving: a batch of messages flows through steps, each one or two statements."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.common import sets
from apps.conversations.operations import routing
from apps.conversations.operations.locking import lock_channels
from apps.conversations.operations.receiving import (
    attention,
    correcting,
    known,
    opening,
    people,
    places,
    removing,
    storing,
    trees,
    waits,
)
from apps.conversations.operations.receiving.batch import Arrival, Departure, Received
from apps.ledger.recording import record
from apps.sla.queries import ask_for_policies

FEW = 20
"""How many messages take less time to receive than to plan for.

Larger batches are planned for as PostgreSQL sees fit: a plan made while a desk was empty would read
whole tables for each message, until their statistics are next taken.
"""

__all__ = ["Arrival", "Departure", "Received", "receive"]


@transaction.atomic
def receive(batch: Sequence[Arrival], *, gone: Sequence[Departure] = (), at: datetime) -> Received:
    """Store each message of the batch exactly once, where it belongs, with all that follows.

    One message is a batch of one; there is no second path. `gone` are messages that were deleted
    on their network, known here or not. `at` is the instant of receiving.
    """
    if len(batch) <= FEW:
        sets.plan_once()
    lock_channels([a.channel.pk for a in batch] + [d.channel.pk for d in gone])
    removing.note_removals(gone, at=at)
    copies = known.one_of_each(batch)
    there = known.look_up(
        {arrival.key for arrival in copies}
        | {trees.node_of(arrival) for arrival in copies}
        | {arrival.parent_key for arrival in copies if arrival.parent_key}
        | {relative for arrival in copies for relative in arrival.relatives}
    )
    stored = there.messages
    fresh = [arrival for arrival in copies if arrival.key not in stored]
    corrections = correcting.find([a for a in copies if a.key in stored], stored)
    held = attention.echoes_in_doubt(fresh, stored)
    fresh = [arrival for arrival in fresh if arrival not in held]
    received = Received(stored=len(fresh), known=len(copies) - len(fresh) - len(held), held=held)
    if not fresh and not corrections:
        return received

    corrected = [correction.arrival for correction in corrections]
    there = there.with_more({relative for a in corrected for relative in a.relatives})
    policies, numbers = ask_for_policies(), storing.ask_for_numbers(len(fresh))
    customers = people.ask_who_they_are(fresh)
    grown = trees.find_threads([*fresh, *corrected], there, at=at)
    people.identify_customers(fresh, customers)
    people.credit_by_signature([*fresh, *corrected])
    found = places.find_conversations([*fresh, *corrected], new_threads=grown.new)
    correcting.store(corrections)
    taken_out = correcting.take_our_posts_out(corrections)
    stored = there.messages
    if grown.joined or taken_out:
        stored = known.look_up(stored).messages
    thread_ids = {arrival.thread_id for arrival in (*fresh, *corrected)}
    moved = places.place_our_posts(fresh, thread_ids=thread_ids - grown.new.keys(), parents=stored)
    storing.store_messages(fresh, numbers, at=at)
    storing.move_context(moved)
    correcting.follow_places(corrected, stored, moved)

    heard = [*fresh, *(c.arrival for c in corrections if c.speaks_up)]
    changed = {a.conversation_id for a in corrected if a.conversation_id is not None}
    changed |= set(moved.values()) | set(taken_out.values()) | grown.joined
    new_message_ids = {arrival.message_id for arrival in heard} | (moved.keys() - taken_out.keys())
    standings = waits.bring_up_to_date(
        fresh,
        new=found.new,
        changed=changed,
        new_message_ids=new_message_ids,
        policies=policies,
        at=at,
    )
    attention.wake(heard, standings, new=found.new.keys(), asleep=found.asleep, at=at)
    given = routing.give_out(
        standings.keys() - found.in_hand - found.new.keys(),
        new=opening.waiting_for_an_agent(found.new, standings, at=at),
        at=at,
    )
    opening.open_conversations(
        found.new, standings, given, batch=fresh, moved_into=set(moved.values()), at=at
    )
    received_entries = attention.received_entries(fresh, opened=found.new.keys())
    record([*routing.entries(given), *received_entries], at=at)
    correcting.record_corrections(corrections, at=at)
    return received
