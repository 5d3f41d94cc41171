"""What an arrival means for people: whose list it changes, and what must not be buried."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from django.db.models.functions import Coalesce

from apps.common import sets
from apps.conversations.clocks import Standing
from apps.conversations.models import Conversation, Message
from apps.conversations.models.message import SILENT_SURFACES
from apps.conversations.operations import assigning, routing
from apps.conversations.operations.receiving.batch import Arrival, Key, Stored
from apps.ledger.recording import Entry, record


def echoes_in_doubt(fresh: Sequence[Arrival], stored: Mapping[Key, Stored]) -> list[Arrival]:
    """Our own posts that may be the echo of a reply whose fate is not known yet.

    They wait until that reply is settled: then they are either known or made elsewhere.
    """
    places = {
        arrival: stored[parent].conversation_id
        for arrival in fresh
        if arrival.message.ours and (parent := arrival.parent_key) and parent in stored
    }
    conversation_ids = {place for place in places.values() if place is not None}
    if not conversation_ids:
        return []
    list(
        Conversation.objects.select_for_update(no_key=True)
        .filter(id__in=conversation_ids)
        .order_by("id")
        .values_list("id")
    )
    undecided = set(
        Message.objects.filter(
            conversation__in=conversation_ids,
            state__in=[Message.State.IN_FLIGHT, Message.State.UNKNOWN],
        ).values_list("conversation_id", flat=True)
    )
    return [arrival for arrival, place in places.items() if place in undecided]


def wake(
    fresh: Sequence[Arrival],
    standings: Mapping[int, Standing],
    *,
    new: Set[int],
    asleep: Set[int],
    at: datetime,
) -> None:
    """Open again what a customer wrote to; mark what came too late to be seen; clear what was
    answered since.

    `asleep` are the conversations of the batch that are not open; the `new` aren't written yet.
    """
    _clear_answered(fresh)
    buried = [i for i, standing in standings.items() if standing.buried and i not in new]
    if buried:
        Conversation.objects.filter(id__in=buried).update(unseen_since=Coalesce("unseen_since", at))
    written_to = {
        arrival.conversation_id
        for arrival in fresh
        if arrival.conversation_id is not None
        and not arrival.message.ours
        and arrival.message.surface not in SILENT_SURFACES
    }
    if asleep & written_to:
        _reopen(asleep & written_to, team_ids={a.channel.team_id for a in fresh}, at=at)


def _clear_answered(fresh: Sequence[Arrival]) -> None:
    """A post made elsewhere answers what reached us before it was posted, by the network's clock.

    Where that clock is behind ours, what was answered stays in sight: rather seen twice than never.
    """
    answered: dict[int, datetime] = {}
    for arrival in fresh:
        if arrival.message.ours and (place := arrival.conversation_id) is not None:
            posted_at = arrival.message.posted_at
            answered[place] = max(answered.get(place, posted_at), posted_at)
    if answered:
        sets.send(
            """
            UPDATE conversations_conversation conversation
            SET unseen_since = CASE WHEN unseen_since > answered.at THEN unseen_since END,
                woke_at = CASE WHEN woke_at > answered.at THEN woke_at END
            FROM unnest(%b::bigint[], %b::timestamptz[]) AS answered(id, at)
            WHERE conversation.id = answered.id
              AND (conversation.unseen_since <= answered.at OR conversation.woke_at <= answered.at)
            """,
            list(answered),
            list(answered.values()),
        )


def _reopen(conversation_ids: Set[int], *, team_ids: set[int], at: datetime) -> None:
    """The same assignee while on shift and with room, else unassigned (words.md)."""
    asleep = list(
        Conversation.objects.select_related("channel__team", "identity")
        .filter(id__in=conversation_ids)
        .order_by("id")
    )
    keeping = routing.still_free(asleep, team_ids=team_ids, at=at)
    for conversation in asleep:
        conversation.state = Conversation.State.OPEN
        conversation.snoozed_until = None
        if conversation.pk in keeping:
            conversation.returns_at = routing.return_at(conversation.channel.team, at=at)
        else:
            assigning.clear(conversation)
    fields = ["state", "snoozed_until", *assigning.ASSIGNMENT]
    Conversation.objects.bulk_update(asleep, fields)
    record(
        [
            Entry(
                kind="reopened",
                conversation_id=conversation.pk,
                user_id=conversation.assignee_id,
                channel_id=conversation.channel_id,
                team_id=conversation.channel.team_id,
                quiet=conversation.channel.connector.receives_only,
            )
            for conversation in asleep
        ],
        at=at,
    )


def received_entries(fresh: Sequence[Arrival], *, opened: Set[int]) -> list[Entry]:
    """Return one ledger line a message; recorded at once, they nudge each team's pages once."""
    return [
        Entry(
            kind="received",
            conversation_id=arrival.conversation_id,
            message_id=arrival.message_id,
            channel_id=arrival.channel.pk,
            team_id=arrival.channel.team_id,
            data={"opened": True} if arrival.conversation_id in opened else {},
            quiet=arrival.channel.connector.receives_only,
        )
        for arrival in fresh
    ]
