"""The shifts' pages: everybody sees their team's week, managers plan it."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import Shift, Team, User
from tests import people
from tests.console.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def monday(now: datetime) -> datetime:
    """The Monday after next, at midnight."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=14 - today.weekday())


def week(at: datetime) -> str:
    return f"/shifts/?week={at:%G-W%V}"


def said(person: User, day: datetime, **other: object) -> dict[str, object]:
    return {
        "person": person.pk,
        "day": f"{day:%Y-%m-%d}",
        "begins": "09:00",
        "ends": "17:00",
        "weeks": 1,
        "zone": "",
    } | other


def test_a_manager_plans_weeks_and_copies_them(
    ana: User, mia: User, sign_in: SignIn, monday: datetime
) -> None:
    ana.shifts.all().delete()
    manager = sign_in(mia)
    planned = manager.post(week(monday), said(ana, monday, weeks=3), follow=True)
    assert planned.text.count("09:00–17:00") == 1
    assert ana.shifts.count() == 3

    overlapping = said(ana, monday, begins="16:00", ends="20:00")
    assert "09:00–20:00" in manager.post(week(monday), overlapping, follow=True).text
    night = said(ana, monday + timedelta(days=3), begins="22:00", ends="06:00")
    shown = manager.post(week(monday), night, follow=True).text
    assert "from 22:00" in shown
    assert "until 06:00" in shown

    copied = manager.post("/shifts/copy/" + week(monday + timedelta(days=28))[8:], follow=True)
    assert "0 shifts of the week before copied." in copied.text
    next_week = "/shifts/copy/" + week(monday + timedelta(days=7))[8:]
    assert "2 shifts of the week before copied." in manager.post(next_week, follow=True).text


def test_a_shift_is_moved_and_taken_out(
    ana: User, mia: User, sign_in: SignIn, monday: datetime
) -> None:
    ana.shifts.all().delete()
    manager = sign_in(mia)
    manager.post(week(monday), said(ana, monday))
    shift = ana.shifts.get()
    assert f'href="/shifts/{shift.pk}/"' in manager.get(week(monday)).text
    assert manager.get(f"/shifts/{shift.pk}/").status_code == 200
    times = {"starts_at": f"{monday:%Y-%m-%d}T10:00", "ends_at": f"{monday:%Y-%m-%d}T09:00"}
    refused = manager.post(f"/shifts/{shift.pk}/", times)
    assert refused.status_code == 422
    assert "A shift ends after it begins." in refused.text
    times["ends_at"] = f"{monday:%Y-%m-%d}T18:30"
    assert "10:00–18:30" in manager.post(f"/shifts/{shift.pk}/", times, follow=True).text
    shift = ana.shifts.get()
    manager.post(f"/shifts/{shift.pk}/remove/")
    assert not ana.shifts.exists()


def test_the_present_shift_is_shown_as_always_on_and_can_be_given_an_end(
    ana: User, mia: User, sign_in: SignIn, now: datetime
) -> None:
    manager = sign_in(mia)
    began = people.NOON.replace(microsecond=123456)
    ana.shifts.update(starts_at=began)
    assert "always on" in manager.get("/shifts/").text
    shift = ana.shifts.get()
    page = manager.get(f"/shifts/{shift.pk}/").text
    assert "End this shift now" in page
    until = timezone.localtime(now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert manager.post(f"/shifts/{shift.pk}/", {"ends_at": until}).status_code == 302
    shift = ana.shifts.get()
    assert shift.starts_at == began
    assert shift.ends_at is not None


def test_agents_read_their_teams_week_and_plan_nothing(
    ana: User, mia: User, desk: Client, sign_in: SignIn, monday: datetime
) -> None:
    page = desk.get("/shifts/").text
    assert "Mia Lindt" in page
    assert "Plan a shift" not in page
    assert "Copy the week before" not in page
    assert desk.post(week(monday), said(ana, monday)).status_code == 404
    shift = ana.shifts.get()
    assert desk.get(f"/shifts/{shift.pk}/").status_code == 404
    assert desk.post(f"/shifts/{shift.pk}/remove/").status_code == 404
    assert "Only managers of Care" in desk.post("/shifts/copy/", follow=True).text
    sales = people.a_team("Sales")
    assert desk.get(f"/shifts/?team={sales.pk}").status_code == 404
    assert desk.get("/shifts/?team=x").status_code == 400
    assert desk.get("/shifts/?week=2026-W99").status_code == 400
    theirs = people.a_user("Sam Sale", team=sales)
    sent = sign_in(mia).post(week(monday), said(theirs, monday))
    assert sent.status_code == 422
    assert Shift.objects.filter(user=theirs).count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"day": "tomorrow"}, "Enter a valid date."),
        ({"day": "2019-01-01"}, "within the next two years"),
        ({"weeks": 27}, "less than or equal to 26"),
        ({"ends": "", "weeks": 2}, "needs no repeating"),
        ({"zone": "Mars/Base"}, "Name a time zone"),
        ({"begins": "25:00"}, "Enter a valid time."),
    ],
)
def test_what_makes_no_sense_is_said(
    ana: User,
    mia: User,
    sign_in: SignIn,
    monday: datetime,
    wrong: dict[str, object],
    sentence: str,
) -> None:
    refused = sign_in(mia).post(week(monday), said(ana, monday) | wrong)
    assert refused.status_code == 422
    assert sentence in refused.text


def test_a_large_team_takes_as_many_queries(
    care: Team, mia: User, sign_in: SignIn, django_assert_max_num_queries: object
) -> None:
    for number in range(60):
        people.a_user(f"Agent{number} Long-Name-{'x' * 40}", team=care)
    assert callable(django_assert_max_num_queries)
    browser = sign_in(mia)
    browser.get("/shifts/")
    with django_assert_max_num_queries(20):
        assert browser.get("/shifts/").text.count("always on") >= 60 * 7
