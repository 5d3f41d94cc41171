"""Opening hours are saved by name, in versions that never change."""

from datetime import timedelta

import pytest
from django.db import Error, transaction

from apps.common.errors import DeskError
from apps.ledger.models import Event
from apps.sla.hours import elapsed
from apps.sla.models import BusinessHours, BusinessHoursVersion
from apps.sla.operations import save_business_hours
from apps.sla.week import CalendarError
from tests.people import NOON, ana, mia

pytestmark = pytest.mark.django_db

OFFICE: dict[str, object] = {
    "zone": "Europe/Berlin",
    "week": {"mon": [["09:00", "12:30"], ["13:15", "18:00"]], "fri": [["22:00", "06:00"]]},
    "country": "DE",
    "subdivision": "BE",
    "own_days": ["2026-03-09"],
}


def saved(**changes: object) -> BusinessHoursVersion:
    return save_business_hours(name="Care", definition=OFFICE | changes, by=None, at=NOON)


def test_saving_again_makes_the_next_version_and_tells_the_ledger() -> None:
    manager = mia()
    first = save_business_hours(name="Care", definition=OFFICE, by=manager, at=NOON)
    later = NOON + timedelta(days=1)
    second = save_business_hours(
        name=" Care ", definition=OFFICE | {"own_days": []}, by=manager, at=later
    )
    assert (first.version, second.version) == (1, 2)
    assert first.business_hours == second.business_hours
    assert [(event.by_id, event.data["version"]) for event in Event.objects.order_by("id")] == [
        (manager.pk, 1),
        (manager.pk, 2),
    ]


def test_saving_the_same_again_changes_nothing() -> None:
    assert saved() == saved()
    assert Event.objects.filter(kind="business_hours_saved").count() == 1


def test_a_version_never_changes() -> None:
    version = saved()
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        BusinessHoursVersion.objects.update(version=7)
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        version.delete()


def test_the_first_version_holds_from_the_beginning_of_time_and_later_ones_from_their_saving() -> (
    None
):
    first = saved()
    later = NOON + timedelta(days=1)
    second = save_business_hours(
        name="Care", definition=OFFICE | {"zone": "Europe/London"}, by=None, at=later
    )
    hours = BusinessHours.objects.get()
    assert hours.in_force(at=NOON - timedelta(days=4000)) == first
    assert hours.in_force(at=later - timedelta(seconds=1)) == first
    assert hours.in_force(at=later) == second


def test_public_holidays_and_own_days_are_closed() -> None:
    calendar = saved().calendar()
    a_day = timedelta(days=1)
    monday = NOON.replace(hour=0)
    assert elapsed(monday, monday + a_day, calendar) == (3.5 + 4.75) * 3600
    own_day = monday + 7 * a_day
    assert elapsed(own_day, own_day + a_day, calendar) == 0
    easter_monday = monday + 35 * a_day
    assert elapsed(easter_monday, easter_monday + a_day, calendar) == 0


def test_public_holidays_are_kept_with_the_version_and_say_how_far_they_reach() -> None:
    definition = saved().definition
    assert "2026-03-08" in definition["public_days"], "women's day, in Berlin"
    assert (definition["public_from"], definition["public_to"]) == (2006, 2041)
    assert definition["public_days"][-1] == "2041-12-26"
    assert "2026-03-08" not in saved(subdivision="BY").definition["public_days"]


def test_saving_later_extends_the_public_holidays() -> None:
    saved()
    a_year_later = NOON + timedelta(days=365)
    again = save_business_hours(name="Care", definition=OFFICE, by=None, at=a_year_later)
    assert again.version == 2
    assert again.definition["public_to"] == 2042


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"week": {}}, "week"),
        ({"week": {"mon": []}}, "week"),
        ({"week": {"mon": [["09:00", "9"]]}}, "mon"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": None}, "zone"),
        ({"country": "XX"}, "country"),
        ({"subdivision": "ZZ"}, "subdivision"),
        ({"country": "", "subdivision": "BE"}, "subdivision"),
        ({"own_days": ["2026-02-30"]}, "own_days"),
        ({"holidays": []}, ""),
    ],
)
def test_what_makes_no_sense_is_refused_and_stored_nowhere(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(CalendarError) as refused:
        saved(**changes)
    assert refused.value.field == field
    assert not BusinessHours.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"week": {"mon": [["09:00", "09:01"]]}},
        {
            "week": {"mon": [["09:00", "17:00"]]},
            "own_days": [str(NOON.date() + timedelta(days=7 * week)) for week in range(60 * 52)],
        },
    ],
    ids=["a minute a week", "every opening day closed for sixty years"],
)
def test_hours_by_which_nothing_ever_comes_due_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(CalendarError, match="open for at least an hour a week") as refused:
        saved(**changes)
    assert refused.value.field == "week"
    assert not BusinessHours.objects.exists()


def test_an_hour_a_week_is_enough() -> None:
    assert saved(week={"sat": [["09:00", "10:00"]]}).version == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_is_needed_and_fits(name: str) -> None:
    with pytest.raises(CalendarError) as refused:
        save_business_hours(name=name, definition=OFFICE, by=None, at=NOON)
    assert refused.value.field == "name"


def test_agents_decide_no_opening_hours() -> None:
    with pytest.raises(DeskError, match="managers"):
        save_business_hours(name="Care", definition=OFFICE, by=ana(), at=NOON)
