"""Which agent a conversation is for, and why, in words: no database, no clock.

First who knows the customer, while that keeps nobody waiting for long; else who writes their
language, where somebody does; else the least loaded. Nothing here knows how many followers somebody
has.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.utils import timezone

from apps.agents.models import Team
from apps.conversations.operations.seats import Seat, spoken

USUAL_MINUTES = 5.0
_FULLNESS = attrgetter("fullness")


@dataclass(frozen=True, slots=True)
class Helper:
    """The colleague who last answered this customer, here or anywhere."""

    user_id: int
    first_name: str
    helped_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation that waits for somebody to be responsible for it.

    `due` is the promised instant where there is a promise, else since when it waits.
    """

    id: int
    channel_id: int
    team_id: int
    identity_id: int
    due: datetime
    surface: str
    language: str
    skills: Collection[str]
    returned_from_id: int | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The seat for a place, and why, in words."""

    seat: Seat
    because: str


def choose(
    place: Place,
    team: Team,
    seats: Sequence[Seat],
    *,
    helper: Helper | None,
    paces: Mapping[int, float],
) -> Chosen | None:
    """Choose among a team's seats; None where nobody fits and has room.

    `paces` are the minutes each agent took for an answer of late.
    """
    weight = weight_of(place, team)
    fitting = _fitting(place, seats)
    known = next((seat for seat in fitting if helper and seat.user_id == helper.user_id), None)
    if helper and known and known.has_room(weight) and _is_soon(known, team, paces):
        return Chosen(
            known, f"Helped this customer before, on {_day(helper.helped_at)}: {_load(known)}"
        )
    language = spoken(place.language)
    is_foreign = bool(language) and language not in map(spoken, team.languages)
    speakers = [seat for seat in fitting if is_foreign and language in seat.languages]
    speaker = _least_loaded(speakers, weight)
    seat = speaker or _least_loaded(fitting, weight)
    if seat is None:
        return None
    reason = f"Writes {language}, and least loaded" if speaker else "Least loaded on shift"
    return Chosen(seat, f"{reason}: {_load(seat)}{_instead(helper, known, weight)}")


def _fitting(place: Place, seats: Sequence[Seat]) -> Sequence[Seat]:
    if not place.skills and place.returned_from_id is None:
        return seats
    return [
        seat
        for seat in seats
        if seat.user_id != place.returned_from_id and seat.skills.issuperset(place.skills)
    ]


def _least_loaded(seats: Sequence[Seat], weight: int) -> Seat | None:
    """Of those with room for that weight; the least loaded of all has it, as a rule."""
    seat = min(seats, key=_FULLNESS, default=None)
    if seat is None or seat.has_room(weight):
        return seat
    return min((seat for seat in seats if seat.has_room(weight)), key=_FULLNESS, default=None)


def _is_soon(known: Seat, team: Team, paces: Mapping[int, float]) -> bool:
    return likely_minutes(known, paces) <= (team.affinity_minutes or 0)


def weight_of(place: Place, team: Team) -> int:
    """How much of an agent's capacity it takes."""
    return int(team.weights.get(place.surface, 1))


def likely_minutes(seat: Seat, paces: Mapping[int, float]) -> float:
    """How long a customer would likely wait for this agent: all they owe, at their pace."""
    return seat.unanswered * paces.get(seat.user_id, USUAL_MINUTES)


def _load(seat: Seat) -> str:
    return f"{seat.load} of {seat.capacity} before this one."


def _instead(helper: Helper | None, known: Seat | None, weight: int) -> str:
    """Why it is not the one who knows them."""
    if helper is None:
        return ""
    if known is None:
        why = "is not there"
    elif not known.has_room(weight):
        why = "has no room"
    else:
        why = "would keep them waiting"
    return f" {helper.first_name}, who helped them before, {why}."


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%B}"
