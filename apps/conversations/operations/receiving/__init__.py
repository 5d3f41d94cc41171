"""Receiving: a batch of messages flows through steps, each one or two statements."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from apps.conversations import clocks
from apps.conversations.operations import assigning
from apps.conversations.operations.locking import lock_channels
from apps.conversations.operations.receiving import attention, known, people, places, storing, trees
from apps.conversations.operations.receiving.batch import Arrival, Received

__all__ = ["Arrival", "Received", "receive"]


@transaction.atomic
def receive(batch: Sequence[Arrival], *, at: datetime) -> Received:
    """Store each message of the batch exactly once, where it belongs, with all that follows.

    One message is a batch of one; there is no second path. `at` is the instant of receiving.
    """
    lock_channels(arrival.channel.pk for arrival in batch)
    copies = known.one_of_each(batch)
    stored = known.look_up(
        {arrival.key for arrival in copies}
        | {arrival.parent_key for arrival in copies if arrival.parent_key}
        | {relative for arrival in copies for relative in arrival.relatives}
    )
    fresh = [arrival for arrival in copies if arrival.key not in stored]
    held = attention.echoes_in_doubt(fresh, stored)
    fresh = [arrival for arrival in fresh if arrival not in held]
    received = Received(stored=len(fresh), known=len(copies) - len(fresh) - len(held), held=held)
    if not fresh:
        return received

    people.identify_customers(fresh)
    people.credit_by_signature(fresh)
    joined = trees.find_threads(fresh, stored, at=at)
    opened = places.open_conversations(fresh)
    stored = known.look_up(stored)
    thread_ids = {arrival.thread_id for arrival in fresh}
    moved = places.place_our_posts(fresh, thread_ids=thread_ids, parents=stored)
    storing.store_messages(fresh, at=at)
    storing.move_context(moved)

    touched = {a.conversation_id for a in fresh if a.conversation_id is not None}
    touched |= set(moved.values()) | joined
    new_message_ids = {arrival.message_id for arrival in fresh} | set(moved)
    standings = clocks.rerun(touched, new_message_ids=new_message_ids)
    attention.wake(fresh, standings, at=at)
    assigning.route(conversation_ids=touched, at=at)
    attention.record_received(fresh, opened=opened, at=at)
    return received
