"""The router: every conversation that waits is given to one agent, the earliest due first.

Lock order: conversations, then agents (`seats`), ids ascending.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.agents.models import Team
from apps.channels.registry import RECEIVING_ONLY
from apps.common import sets
from apps.conversations.models import Conversation
from apps.conversations.operations.choosing import Helper, Place, choose, weight_of
from apps.conversations.operations.seats import Seat, lock_seats
from apps.ledger.recording import Entry, record

PACE_OF = timedelta(hours=1)
TEAM = ("id", "mode", "languages", "weights", "affinity_minutes", "return_minutes")


@dataclass(frozen=True, slots=True)
class Given:
    """Whom the router chose for it, and why, in words."""

    place: Place
    user_id: int
    because: str
    weight: int
    returns_at: datetime | None


@transaction.atomic
def route(*, conversation_ids: Collection[int], at: datetime) -> int:
    """Give these conversations, the earliest due first, to agents who fit and have room.

    Only open, unassigned ones that need attention are given, none of a channel that only receives
    and none of a team whose agents take for themselves; what finds no room stays unassigned.
    Returns how many were given.
    """
    given = give_out(conversation_ids, at=at)
    record(entries(given), at=at)
    return len(given)


def give_out(
    conversation_ids: Collection[int], *, new: Sequence[Place] = (), at: datetime
) -> dict[int, Given]:
    """Do what `route` does, in the caller's transaction; the caller records what is returned.

    It also writes down the `new` conversations, with the agents they are given to here.
    """
    places = [*_waiting_for_an_agent(conversation_ids), *new]
    if not places:
        return {}
    team_ids = {place.team_id for place in places}
    sent = _teams(team_ids), _helpers(places)
    seats = lock_seats(team_ids=team_ids, at=at)
    teams = {row[0]: Team(**dict(zip(TEAM, row, strict=True))) for row in sent[0].rows()}
    helpers = {id_: Helper(*rest) for id_, *rest in sent[1].rows()}
    places = [place for place in places if place.team_id in teams]
    paces = _paces({helper.user_id for helper in helpers.values()}, at=at)
    places.sort(key=lambda place: (place.due, place.id))
    given = {
        one.place.id: one
        for one in _chosen(places, teams, seats, helpers=helpers, paces=paces, at=at)
    }
    numbers = {place.id for place in new}
    _give([one for i, one in given.items() if i not in numbers], at=at)
    return given


def entries(given: Mapping[int, Given]) -> list[Entry]:
    """Return the ledger's line for each conversation given to somebody."""
    return [_entry_of(one) for one in given.values()]


def route_waiting(*, at: datetime, limit: int = 200) -> int:
    """Give out what has been waiting unassigned, the earliest due first: called by the sweep.

    `limit` holds for each team and kind of agent that is asked for, so that what nobody can be
    given never keeps others' customers waiting.
    """
    rows = sets.execute(
        """
        SELECT id FROM (
            SELECT conversation.id, row_number() OVER (
                       PARTITION BY channel.team_id, channel.skills, conversation.returned_from_id
                       ORDER BY coalesce(clock.due_at, conversation.attention_since),
                                conversation.id) AS place
            FROM conversations_conversation conversation
            JOIN channels_channel channel ON channel.id = conversation.channel_id
            LEFT JOIN conversations_clock clock
                ON clock.conversation_id = conversation.id AND clock.stopped_at IS NULL
                AND clock.kind IN ('first_response', 'next_response')
            WHERE conversation.state = 'open' AND conversation.assignee_id IS NULL
              AND conversation.merged_into_id IS NULL
              AND conversation.attention_since IS NOT NULL
              AND channel.network <> ALL(%b::text[])
        ) waiting
        WHERE place <= %b::int
        """,
        RECEIVING_ONLY,
        limit,
    )
    return route(conversation_ids=[row[0] for row in rows], at=at)


def still_free(
    conversations: Sequence[Conversation], *, team_ids: Collection[int], at: datetime
) -> set[int]:
    """Which of these conversations, about to reopen, may stay with their assignee.

    `team_ids` are the teams that may be given work next in this transaction: their agents are
    locked at once, since agents locked in two steps would not be locked in the order of ids.
    """
    assignees = {c.assignee_id for c in conversations if c.assignee_id is not None}
    seats = {
        seat.user_id: seat for seat in lock_seats(team_ids=team_ids, user_ids=assignees, at=at)
    }
    keeping = set()
    for conversation in conversations:
        seat = seats.get(conversation.assignee_id) if conversation.assignee_id else None
        if seat and seat.has_room(conversation.weight):
            seat.give(conversation.weight, at=at)
            keeping.add(conversation.pk)
    return keeping


def _waiting_for_an_agent(conversation_ids: Collection[int]) -> list[Place]:
    """What somebody else has in hand is left to them, and to the next sweep."""
    if not conversation_ids:
        return []
    rows = sets.execute(
        """
        SELECT conversation.id, conversation.channel_id, channel.team_id,
               conversation.identity_id, coalesce(clock.due_at, conversation.attention_since),
               coalesce(newest.surface, ''), coalesce(newest.language, ''), channel.skills,
               conversation.returned_from_id
        FROM conversations_conversation conversation
        JOIN channels_channel channel ON channel.id = conversation.channel_id
        LEFT JOIN conversations_clock clock
            ON clock.conversation_id = conversation.id AND clock.stopped_at IS NULL
            AND clock.kind IN ('first_response', 'next_response')
        LEFT JOIN LATERAL (
            SELECT message.surface, message.language FROM conversations_message message
            WHERE message.conversation_id = conversation.id AND message.direction = 'inbound'
            ORDER BY message.posted_at DESC, message.id DESC LIMIT 1
        ) newest ON true
        WHERE conversation.id = ANY(%b::bigint[]) AND conversation.state = 'open'
          AND conversation.merged_into_id IS NULL AND conversation.assignee_id IS NULL
          AND conversation.attention_since IS NOT NULL
          AND channel.network <> ALL(%b::text[])
        ORDER BY conversation.id FOR NO KEY UPDATE OF conversation SKIP LOCKED
        """,
        list(conversation_ids),
        RECEIVING_ONLY,
    )
    return [Place(*row) for row in rows]


def _teams(team_ids: Collection[int]) -> sets.Sent:
    """Ask for those of the teams to whose agents anything is given out at all."""
    return sets.send(
        """
        SELECT id, mode, languages, weights, affinity_minutes, return_minutes FROM agents_team
        WHERE id = ANY(%b::bigint[]) AND mode <> 'pull'
        """,
        list(team_ids),
    )


def _helpers(places: Sequence[Place]) -> sets.Sent:
    """Ask who last answered each of these customers, on whichever channel, where that counts."""
    return sets.send(
        """
        SELECT waiting.id, helped.credited_to_id, split_part(person.name, ' ', 1),
               helped.stopped_at
        FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[])
            AS waiting(id, identity_id, team_id)
        JOIN agents_team team ON team.id = waiting.team_id AND team.affinity_minutes > 0
        JOIN customers_identity identity ON identity.id = waiting.identity_id
        CROSS JOIN LATERAL (
            SELECT clock.credited_to_id, clock.stopped_at
            FROM customers_identity theirs
            JOIN conversations_conversation earlier ON earlier.identity_id = theirs.id
            JOIN conversations_clock clock ON clock.conversation_id = earlier.id
            WHERE theirs.customer_id = identity.customer_id AND clock.credited_to_id IS NOT NULL
            ORDER BY clock.stopped_at DESC LIMIT 1
        ) helped
        JOIN agents_user person ON person.id = helped.credited_to_id
        """,
        [place.id for place in places],
        [place.identity_id for place in places],
        [place.team_id for place in places],
    )


def _paces(user_ids: set[int], *, at: datetime) -> dict[int, float]:
    """Minutes an answer took each of them within the last hour; nothing of who gave none."""
    if not user_ids:
        return {}
    rows = sets.execute(
        """
        SELECT credited_to_id, count(*)::int FROM conversations_clock
        WHERE credited_to_id = ANY(%b::bigint[])
          AND stopped_at > %b::timestamptz AND stopped_at <= %b::timestamptz
          AND kind IN ('first_response', 'next_response')
        GROUP BY credited_to_id
        """,
        list(user_ids),
        at - PACE_OF,
        at,
    )
    return {user_id: PACE_OF / timedelta(minutes=answers) for user_id, answers in rows}


def _chosen(
    places: Sequence[Place],
    teams: Mapping[int, Team],
    seats: Sequence[Seat],
    *,
    helpers: Mapping[int, Helper],
    paces: Mapping[int, float],
    at: datetime,
) -> Iterator[Given]:
    """Give each place in turn to one of its team's agents."""
    by_team: dict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        for team_id in seat.team_ids:
            by_team[team_id].append(seat)
    for place in places:
        team = teams[place.team_id]
        helper = helpers.get(place.id)
        chosen = choose(place, team, by_team[team.pk], helper=helper, paces=paces)
        if chosen is None:
            continue
        weight = weight_of(place, team)
        yield Given(place, chosen.seat.user_id, chosen.because, weight, return_at(team, at=at))
        chosen.seat.give(weight, at=at)


def return_at(team: Team, *, at: datetime) -> datetime | None:
    """When what is given now goes back unless it is opened; None where it never does."""
    return at + timedelta(minutes=team.return_minutes) if team.return_minutes else None


def _give(given: Sequence[Given], *, at: datetime) -> None:
    if not given:
        return
    sets.send(
        """
        UPDATE conversations_conversation conversation
        SET assignee_id = given.user_id, assigned_at = %b::timestamptz,
            assigned_by_person = false, assigned_because = given.because, weight = given.weight,
            returns_at = given.returns_at, returned_from_id = NULL
        FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::int[], %b::timestamptz[])
            AS given(id, user_id, because, weight, returns_at)
        WHERE conversation.id = given.id
        """,
        at,
        [one.place.id for one in given],
        [one.user_id for one in given],
        [one.because for one in given],
        [one.weight for one in given],
        [one.returns_at for one in given],
    )


def _entry_of(given: Given) -> Entry:
    return Entry(
        kind="assigned",
        conversation_id=given.place.id,
        user_id=given.user_id,
        channel_id=given.place.channel_id,
        team_id=given.place.team_id,
        data={"because": given.because},
    )
