"""Who a conversation is for, by facts alone."""

from dataclasses import replace

import pytest

from apps.agents.models import Team
from apps.conversations.operations.choosing import Helper, Place, choose
from apps.conversations.operations.seats import Seat
from tests.people import NOON, minutes

PLACE = Place(
    id=1,
    channel_id=1,
    team_id=1,
    identity_id=1,
    due=NOON,
    surface="mention",
    language="",
    skills=frozenset(),
    returned_from_id=None,
)
BEN = Helper(2, "Ben", NOON)


@pytest.fixture
def team() -> Team:
    return Team(id=1, name="Care", affinity_minutes=15, languages=["en"], weights={"direct": 3})


def seat(user_id: int, load: int = 0, capacity: int = 6, **fields: object) -> Seat:
    named = {k: frozenset(v) for k, v in fields.items() if isinstance(v, set)}
    unanswered = fields.get("unanswered", 0)
    assert isinstance(unanswered, int)
    return Seat(user_id, capacity, load, None, unanswered=unanswered, **named)


def chosen(
    place: Place,
    team: Team,
    *seats: Seat,
    helper: Helper | None = None,
    paces: dict[int, float] | None = None,
) -> tuple[int, str] | None:
    found = choose(place, team, seats, helper=helper, paces=paces or {})
    return (found.seat.user_id, found.because) if found else None


def test_the_least_loaded_relative_to_capacity_gets_it(team: Team) -> None:
    assert chosen(PLACE, team, seat(1, 2, 4), seat(2, 3, 8)) == (
        2,
        "Least loaded on shift: 3 of 8 before this one.",
    )


def test_of_equals_who_is_idle_longest_gets_it(team: Team) -> None:
    idle = Seat(9, 6, 1, NOON - minutes(5))
    assert chosen(PLACE, team, Seat(1, 6, 1, NOON), idle) == (
        9,
        "Least loaded on shift: 1 of 6 before this one.",
    )


def test_who_helped_before_gets_it_though_others_have_less(team: Team) -> None:
    assert chosen(PLACE, team, seat(1), seat(2, 3, unanswered=3), helper=BEN) == (
        2,
        "Helped this customer before, on 2 March: 3 of 6 before this one.",
    )


def test_who_helped_before_has_no_room_and_the_reason_says_so(team: Team) -> None:
    got = chosen(PLACE, team, seat(1), seat(2, 6), helper=BEN)
    assert got is not None
    assert got[0] == 1
    assert got[1].endswith("Ben, who helped them before, has no room.")


def test_who_helped_before_is_not_there_and_the_reason_says_so(team: Team) -> None:
    got = chosen(PLACE, team, seat(1), helper=BEN)
    assert got is not None
    assert got[1].endswith("Ben, who helped them before, is not there.")


@pytest.mark.parametrize(("pace", "user_id"), [(5.0, 2), (5.1, 1)])
def test_who_helped_before_gets_it_only_while_the_likely_wait_is_short(
    team: Team, pace: float, user_id: int
) -> None:
    got = chosen(PLACE, team, seat(1), seat(2, 3, unanswered=3), helper=BEN, paces={2: pace})
    assert got is not None
    assert got[0] == user_id
    assert (user_id == 2) or got[1].endswith("would keep them waiting.")


def test_a_team_without_a_limit_asks_nobody_who_helped_before(team: Team) -> None:
    team.affinity_minutes = None
    got = chosen(PLACE, team, seat(1), seat(2, 3, unanswered=3), helper=BEN)
    assert got is not None
    assert got[0] == 1


def test_who_writes_a_language_that_not_everybody_does_comes_first(team: Team) -> None:
    arabic = replace(PLACE, language="ar-EG")
    speaker = seat(2, 4, languages={"ar"})
    assert chosen(arabic, team, seat(1), speaker) == (
        2,
        "Writes ar, and least loaded: 4 of 6 before this one.",
    )


def test_rather_anybody_than_nobody_where_those_who_write_it_have_no_room(team: Team) -> None:
    arabic = replace(PLACE, language="ar")
    got = chosen(arabic, team, seat(1), seat(2, 6, languages={"ar"}))
    assert got is not None
    assert got[0] == 1


def test_a_language_everybody_writes_prefers_nobody(team: Team) -> None:
    english = replace(PLACE, language="en-GB")
    got = chosen(english, team, seat(1), seat(2, 3, languages={"en"}))
    assert got is not None
    assert got[0] == 1


def test_skills_are_required(team: Team) -> None:
    billing = replace(PLACE, skills=frozenset({"billing"}))
    assert chosen(billing, team, seat(1), seat(2, 5, skills={"billing", "law"})) is not None
    assert chosen(billing, team, seat(1), seat(2, 6, skills={"billing"})) is None
    assert chosen(billing, team, seat(1)) is None


def test_a_heavy_one_needs_as_many_places(team: Team) -> None:
    direct = replace(PLACE, surface="direct")
    assert chosen(direct, team, seat(1, 4)) is None
    assert chosen(direct, team, seat(1, 3)) is not None


def test_whoever_let_it_go_is_not_given_it_again(team: Team) -> None:
    returned = replace(PLACE, returned_from_id=1)
    got = chosen(returned, team, seat(1), seat(2, 5))
    assert got is not None
    assert got[0] == 2
    assert chosen(returned, team, seat(1)) is None
