"""On, away and off: chosen by a person, or told by silence."""

from datetime import timedelta

import pytest

from apps.agents.models import Presence, Shift, Team, User
from apps.agents.operations import change_team, choose, note_departures, note_seen
from apps.common import bus
from tests.people import NOON, PASSWORD, a_team, ana, mia, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer() -> User:
    """On shift, and never at the desk yet."""
    user = User.objects.create_user("new@acme.example", PASSWORD, name="New Person", initials="NP")
    user.teams.add(a_team())
    Shift.objects.create(user=user, starts_at=NOON - timedelta(days=1))
    return user


def standing(user: User, *, after: float) -> str:
    [annotated] = User.objects.filter(id=user.pk).with_standing(at=NOON + minutes(after))
    told = str(annotated.standing)
    presence = Presence.objects.filter(user=user).first()
    if presence is not None:
        assert presence.standing(at=NOON + minutes(after)) == told
    is_at_work = User.objects.at_work(at=NOON + minutes(after)).filter(id=user.pk).exists()
    assert is_at_work == (told == "on")
    return told


def test_who_never_came_is_off_and_on_once_they_came(newcomer: User) -> None:
    assert standing(newcomer, after=0) == "off"
    note_seen(user=newcomer, at=NOON)
    assert standing(newcomer, after=0) == "on"


def test_silence_makes_away_and_a_touch_makes_on_again(newcomer: User) -> None:
    note_seen(user=newcomer, at=NOON)
    assert standing(newcomer, after=9.9) == "on"
    assert standing(newcomer, after=10) == "away"
    note_seen(user=newcomer, at=NOON + minutes(12))
    assert standing(newcomer, after=12) == "on"


def test_being_seen_is_written_at_most_once_a_minute(newcomer: User) -> None:
    note_seen(user=newcomer, at=NOON)
    note_seen(user=newcomer, at=NOON + timedelta(seconds=59))
    assert Presence.objects.get(user=newcomer).seen_at == NOON
    note_seen(user=newcomer, at=NOON + timedelta(seconds=60))
    assert Presence.objects.get(user=newcomer).seen_at == NOON + minutes(1)


@pytest.mark.parametrize("chosen", [Presence.Standing.AWAY, Presence.Standing.OFF])
def test_what_a_person_chose_holds_whatever_they_touch(
    newcomer: User, chosen: Presence.Standing
) -> None:
    choose(user=newcomer, standing=chosen, at=NOON)
    note_seen(user=newcomer, at=NOON + minutes(5))
    assert standing(newcomer, after=5) == chosen
    assert standing(newcomer, after=60) == chosen
    choose(user=newcomer, standing=Presence.Standing.ON, at=NOON + minutes(60))
    assert standing(newcomer, after=60) == "on"


def test_the_most_patient_of_a_persons_teams_decides(newcomer: User) -> None:
    newcomer.teams.add(Team.objects.create(name="Patient", away_minutes=30))
    note_seen(user=newcomer, at=NOON)
    assert standing(newcomer, after=29) == "on"
    assert standing(newcomer, after=30) == "away"


def test_a_team_that_changes_its_patience_means_those_who_are_there_too(newcomer: User) -> None:
    manager = mia()
    note_seen(user=newcomer, at=NOON)
    change_team(team=a_team(), changes={"away_minutes": 3}, by=manager, at=NOON)
    assert standing(newcomer, after=3) == "away"
    change_team(team=a_team(), changes={"away_minutes": None}, by=manager, at=NOON)
    assert standing(newcomer, after=600) == "on"


def test_presence_outlives_redis(newcomer: User) -> None:
    note_seen(user=newcomer, at=NOON)
    bus.connection().flushdb()
    assert standing(newcomer, after=5) == "on"


def test_those_whom_silence_made_away_are_told_once() -> None:
    agent = ana()
    Presence.objects.filter(user=agent).update(away_at=NOON + minutes(10))
    assert note_departures(at=NOON + minutes(10), since=NOON + minutes(9)) == 1
    assert note_departures(at=NOON + minutes(11), since=NOON + minutes(10)) == 0
