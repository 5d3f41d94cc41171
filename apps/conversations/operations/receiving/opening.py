"""New conversations: each is written once, when it is known how it stands and whose it is."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from apps.common import sets
from apps.conversations.clocks import Standing
from apps.conversations.operations.choosing import Place
from apps.conversations.operations.receiving.batch import Arrival
from apps.conversations.operations.routing import Given

New = Mapping[int, Sequence[Arrival]]


def waiting_for_an_agent(
    new: New, standings: Mapping[int, Standing], *, at: datetime
) -> list[Place]:
    """Return those of the new conversations that call for an answer, as the router reads them."""
    return [
        _place(number, said, standing.due_at or since)
        for number, said in new.items()
        if (standing := standings[number]) and (since := _attention_since(standing, at=at))
        if not said[0].channel.connector.receives_only
    ]


def open_conversations(
    new: New,
    standings: Mapping[int, Standing],
    given: Mapping[int, Given],
    *,
    batch: Sequence[Arrival],
    moved_into: Set[int],
    at: datetime,
) -> None:
    """Write the new conversations; to those of `moved_into` older posts of ours belong too."""
    if not new:
        return
    newest = _newest(batch, new)
    firsts = [said[0] for said in new.values()]
    stand = [standings[number] for number in new]
    theirs = [given.get(number) for number in new]
    sets.send(
        """
        INSERT INTO conversations_conversation
            (id, channel_id, thread_id, identity_id, last_message_at, waiting_since, unseen_since,
             contact, state, assignee_id, assigned_at, assigned_by_person, assigned_because,
             weight, returns_at)
        SELECT id, channel_id, thread_id, identity_id,
               coalesce(last_message_at, (
                   SELECT max(message.posted_at) FROM conversations_message message
                   WHERE message.conversation_id = place.id)),
               waiting_since, CASE WHEN is_buried THEN %b::timestamptz END, contact, 'open',
               assignee_id, CASE WHEN assignee_id IS NOT NULL THEN %b::timestamptz END, false,
               because, weight, returns_at
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[],
                    %b::timestamptz[], %b::boolean[], %b::int[], %b::bigint[], %b::text[],
                    %b::int[], %b::timestamptz[])
            AS place(id, channel_id, thread_id, identity_id, last_message_at, waiting_since,
                     is_buried, contact, assignee_id, because, weight, returns_at)
        """,
        at,
        at,
        list(new),
        [first.channel.pk for first in firsts],
        [first.thread_id for first in firsts],
        [first.identity_id for first in firsts],
        [None if number in moved_into else newest[number] for number in new],
        [standing.waiting_since for standing in stand],
        [standing.buried for standing in stand],
        [standing.contact for standing in stand],
        [one and one.user_id for one in theirs],
        [one.because if one else "" for one in theirs],
        [one.weight if one else 1 for one in theirs],
        [one and one.returns_at for one in theirs],
    )


def _attention_since(standing: Standing, *, at: datetime) -> datetime | None:
    return standing.waiting_since or (at if standing.buried else None)


def _place(number: int, said: Sequence[Arrival], due: datetime) -> Place:
    newest = max(said, key=lambda arrival: (arrival.message.posted_at, arrival.message_id))
    return Place(
        id=number,
        channel_id=newest.channel.pk,
        team_id=newest.channel.team_id,
        identity_id=newest.identity_id or 0,
        due=due,
        surface=str(newest.message.surface),
        language=newest.message.language,
        skills=newest.channel.skills,
        returned_from_id=None,
    )


def _newest(batch: Sequence[Arrival], new: New) -> dict[int, datetime]:
    newest: dict[int, datetime] = {}
    for arrival in batch:
        number, posted_at = arrival.conversation_id, arrival.message.posted_at
        if number is not None and number in new:
            newest[number] = max(newest.get(number, posted_at), posted_at)
    return newest
