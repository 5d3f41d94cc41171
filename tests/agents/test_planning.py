"""Planning shifts: what overlaps joins, what passed stays, and a week follows the wall's clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.agents.models import Shift, User
from apps.agents.operations import copy_last_week, deactivate, move, plan, take_out
from apps.agents.queries import team_week
from apps.agents.spans import Span, weekly
from apps.common.errors import DeskError
from apps.conversations.models import Conversation
from apps.conversations.operations.returning import hand_back
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, a_team, a_user, ana, conversation_of, mia, minutes

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


@pytest.fixture
def agent() -> User:
    """Ana, without any shift."""
    user = ana()
    user.shifts.all().delete()
    return user


@pytest.fixture
def manager() -> User:
    return mia()


def hours(first: float, last: float | None) -> Span:
    """So many hours after noon."""
    return Span(NOON + first * HOUR, None if last is None else NOON + last * HOUR)


def planned(user: User) -> list[tuple[float, float | None]]:
    return [
        ((s.starts_at - NOON) / HOUR, None if s.ends_at is None else (s.ends_at - NOON) / HOUR)
        for s in user.shifts.order_by("starts_at")
    ]


@pytest.mark.parametrize(
    ("spans", "shifts"),
    [
        ([(1, 2), (3, 4)], [(1, 2), (3, 4)]),
        ([(1, 3), (2, 4)], [(1, 4)]),
        ([(1, 2), (2, 3)], [(1, 3)]),
        ([(1, 8), (2, 3)], [(1, 8)]),
        ([(1, 2), (4, 5), (2, 4)], [(1, 5)]),
        ([(3, 4), (1, None)], [(1, None)]),
        ([(3, None), (1, 4)], [(1, None)]),
        ([(3, None), (1, 2)], [(1, 2), (3, None)]),
    ],
)
def test_what_overlaps_or_touches_becomes_one(
    agent: User,
    manager: User,
    spans: list[tuple[float, float | None]],
    shifts: list[tuple[float, float | None]],
) -> None:
    plan(user=agent, spans=[hours(*span) for span in spans], by=manager, at=NOON)
    assert planned(agent) == shifts


def test_who_is_on_until_further_notice_is_given_an_end_first(agent: User, manager: User) -> None:
    plan(user=agent, spans=[hours(-5, None)], by=manager, at=NOON - 6 * HOUR)
    with pytest.raises(DeskError, match="on until further notice since 2 March 2026"):
        plan(user=agent, spans=[hours(1, 2)], by=manager, at=NOON)
    move(shift=agent.shifts.get(), to=hours(-5, 3), by=manager, at=NOON)
    plan(user=agent, spans=[hours(24, 30)], by=manager, at=NOON)
    assert planned(agent) == [(-5, 3), (24, 30)]
    kinds = Event.objects.filter(user_id=agent.pk, kind__startswith="shift").values_list("kind")
    assert [kind for (kind,) in kinds] == ["shift_planned", "shift_moved", "shift_planned"]


def test_what_has_passed_stays(agent: User, manager: User) -> None:
    with pytest.raises(DeskError, match="has passed"):
        plan(user=agent, spans=[hours(-3, -1)], by=manager, at=NOON)
    past = Shift.objects.create(user=agent, starts_at=NOON - 9 * HOUR, ends_at=NOON - HOUR)
    with pytest.raises(DeskError, match="is over"):
        move(shift=past, to=hours(1, 2), by=manager, at=NOON)
    with pytest.raises(DeskError, match="is over"):
        take_out(shift=past, by=manager, at=NOON)
    begun = Shift.objects.create(user=agent, starts_at=NOON - HOUR / 2, ends_at=NOON + HOUR)
    with pytest.raises(DeskError, match="only its end can change"):
        move(shift=begun, to=hours(-0.25, 1), by=manager, at=NOON)
    later = Shift.objects.create(user=agent, starts_at=NOON + 5 * HOUR)
    with pytest.raises(DeskError, match="ends after it begins"):
        move(shift=later, to=hours(6, 5.5), by=manager, at=NOON)


def test_a_shift_that_begun_ends_now_and_its_work_is_given_to_others(manager: User) -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes(at=NOON))
    a_user("Ben Wood", team=a_team())
    assert conversation.assignee == agent
    take_out(shift=agent.shifts.get(), by=manager, at=NOON + minutes(1))
    assert hand_back(at=NOON + minutes(1)) == 1
    present = Conversation.objects.get()
    assert present.assignee is not None
    assert present.assignee.name == "Ben Wood"
    returned = Event.objects.get(kind="returned")
    assert returned.data["because"] == "Ana's shift ended."


def test_a_later_shift_is_taken_out_of_the_plan(agent: User, manager: User) -> None:
    plan(user=agent, spans=[hours(1, 2)], by=manager, at=NOON)
    shift = agent.shifts.get()
    take_out(shift=shift, by=manager, at=NOON)
    assert planned(agent) == []
    with pytest.raises(DeskError, match="a moment ago"):
        move(shift=shift, to=hours(2, 3), by=manager, at=NOON)


def test_only_those_who_manage_somebody_plan(agent: User, manager: User) -> None:
    stranger = a_user("Max Elsewhere", role="manager", team=a_team("Sales"))
    for somebody in (agent, stranger):
        with pytest.raises(DeskError, match="Only Ana's managers and admins"):
            plan(user=agent, spans=[hours(1, 2)], by=somebody, at=NOON)
    with pytest.raises(DeskError, match="Only managers of Care"):
        copy_last_week(team=a_team(), monday=date(2026, 3, 9), zone=BERLIN, by=agent, at=NOON)
    deactivate(user=agent, by=manager, at=NOON)
    with pytest.raises(DeskError, match="no longer works here"):
        plan(user=agent, spans=[hours(1, 2)], by=manager, at=NOON)


def test_a_week_is_copied_by_the_clock_on_the_wall(agent: User, manager: User) -> None:
    """The clocks go forward on Sunday, 29 March 2026: nine o'clock comes an hour earlier."""
    monday = date(2026, 3, 23)
    nine = [
        weekly(day=monday + timedelta(days=n), begins=time(9), ends=time(17), zone=BERLIN, weeks=1)[
            0
        ]
        for n in range(5)
    ]
    plan(user=agent, spans=nine, by=manager, at=NOON)
    after = date(2026, 3, 30)
    assert copy_last_week(team=a_team(), monday=after, zone=BERLIN, by=manager, at=NOON) == 5
    assert copy_last_week(team=a_team(), monday=after, zone=BERLIN, by=manager, at=NOON) == 5
    begins = [shift.starts_at for shift in agent.shifts.order_by("starts_at")]
    assert len(begins) == 10
    assert {at.astimezone(UTC).hour for at in begins[:5]} == {8}
    assert {at.astimezone(UTC).hour for at in begins[5:]} == {7}
    assert manager.shifts.get().ends_at is None  # on until further notice: left alone


def test_nights_end_the_next_day_and_a_skipped_time_is_said() -> None:
    [night] = weekly(day=date(2026, 3, 28), begins=time(22), ends=time(6), zone=BERLIN, weeks=1)
    assert night.ends_at is not None
    assert night.ends_at.timestamp() - night.starts_at.timestamp() == 7 * 3600
    with pytest.raises(ValueError, match="On 29 March 2026 the clocks skip that time"):
        weekly(day=date(2026, 3, 22), begins=time(2, 30), ends=time(3, 10), zone=BERLIN, weeks=2)


def test_a_week_shows_each_day_its_part(agent: User, manager: User) -> None:
    monday = date(2026, 3, 2)
    plan(user=agent, spans=[hours(9.5, 18)], by=manager, at=NOON)  # 22:30 to 07:00 in Berlin
    rows = team_week(a_team(), monday, zone=BERLIN, at=NOON + 10 * HOUR)
    week = {row.person.name: row for row in rows}
    parts = [[(p.begins, p.ends) for p in day] for day in week["Ana Bauer"].days]
    begins, ends = NOON + 9.5 * HOUR, NOON + 18 * HOUR
    assert parts == [[(begins, None)], [(None, ends)], [], [], [], [], []]
    assert week["Ana Bauer"].is_on
    assert all(len(day) == 1 for day in week["Mia Lindt"].days)  # until further notice


def test_midnight_ends_a_day(agent: User, manager: User) -> None:
    begins = datetime(2026, 3, 3, 16, tzinfo=BERLIN)
    midnight = datetime(2026, 3, 4, tzinfo=BERLIN)
    plan(user=agent, spans=[Span(begins, midnight)], by=manager, at=NOON)
    [row] = [
        r for r in team_week(a_team(), date(2026, 3, 2), zone=BERLIN, at=NOON) if r.person == agent
    ]
    assert [[(p.begins, p.ends) for p in day] for day in row.days][1:3] == [
        [(begins, midnight)],
        [],
    ]
