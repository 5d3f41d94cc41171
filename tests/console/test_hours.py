"""Managers and admins say when the desk is open, and see at once what they said."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apps.sla.models import BusinessHours, BusinessHoursVersion
from apps.sla.operations import save_business_hours
from tests.people import NOON, ana, mia

pytestmark = pytest.mark.django_db

ENTERED = {
    "name": "Care",
    "seen": "0",
    "zone": "Europe/Berlin",
    "mon": "9-12:30, 13:15 – 18:00",
    "fri": "22:00-06:00",
    "country": "DE",
    "subdivision": "be",
    "own_days": "2026-12-24\n2026-12-31",
}

NO_REGION = {"country": "", "subdivision": ""}


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(mia())
    return client


def hours(name: str = "Care") -> BusinessHoursVersion:
    definition = {"zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}}
    return save_business_hours(name=name, definition=definition, by=None, at=NOON)


def address(version: BusinessHoursVersion) -> str:
    return f"/hours/{version.business_hours_id}/"


def test_hours_are_saved_as_they_were_typed_and_the_days_ahead_are_shown(client: Client) -> None:
    with time_machine.travel(datetime(2026, 12, 21, 8, tzinfo=UTC), tick=False):
        client.force_login(mia())
        answer = client.post("/hours/new/", ENTERED, follow=True)

    saved = BusinessHoursVersion.objects.get()
    assert saved.definition["week"] == {
        "mon": [["09:00", "12:30"], ["13:15", "18:00"]],
        "fri": [["22:00", "06:00"]],
    }
    assert saved.definition["subdivision"] == "BE"
    assert saved.definition["own_days"] == ["2026-12-24", "2026-12-31"]
    page = " ".join(answer.text.split())
    assert answer.redirect_chain == [(address(saved), 302)]
    assert "Mon 21 Dec</time></dt><dd><span>09:00–12:30</span><span>13:15–18:00</span>" in page
    assert 'Fri 25 Dec</time></dt><dd>closed <span class="faint">holiday</span>' in page
    assert "Sat 26 Dec</time></dt><dd>closed" in page, "Friday's night goes with its holiday"
    assert "Fri 1 Jan</time></dt><dd>closed" in page


def test_what_is_typed_stays_beside_what_is_wrong_with_it(manager: Client) -> None:
    wrong = ENTERED | {"mon": "9-13, 12-18", "tue": "nine to five", "zone": "Berlin"}
    answer = manager.post("/hours/new/", wrong | {"own_days": "24.12.2026"})

    assert answer.status_code == 422
    for typed in ("9-13, 12-18", "nine to five", 'value="Berlin"', "24.12.2026"):
        assert typed in answer.text
    for said in ("overlap", "is no time:", "is no time zone", "is no date"):
        assert said in answer.text
    assert not BusinessHours.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mon": "", "fri": ""}, "never opens"),
        ({"mon": "09:00"}, "as two times"),
        ({"subdivision": "ZZ"}, "no region of DE"),
        ({"country": ""}, "Choose the country"),
        ({"country": "XX"}, "not one of the available choices"),
        ({"name": ""}, "required"),
        ({"name": "Ca\x00re"}, "Null characters"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    manager: Client, changes: dict[str, str], said: str
) -> None:
    answer = manager.post("/hours/new/", ENTERED | changes)

    assert answer.status_code == 422
    assert said in answer.text
    assert not BusinessHours.objects.exists()


def test_round_the_clock_is_one_tick(manager: Client) -> None:
    answer = manager.post("/hours/new/", ENTERED | {"always": "on"} | NO_REGION)

    assert answer.status_code == 302
    assert BusinessHoursVersion.objects.get().definition["week"] == "24/7"


def test_changing_hours_makes_the_next_version_under_the_same_name(manager: Client) -> None:
    first = hours()
    answer = manager.post(address(first), ENTERED | {"name": "Other", "seen": "1"})

    assert answer.status_code == 302
    assert [v.version for v in BusinessHours.objects.get(name="Care").versions.all()] == [1, 2]


def test_a_name_that_is_taken_and_a_colleagues_saving_are_not_overwritten(manager: Client) -> None:
    first = hours()
    taken = manager.post("/hours/new/", ENTERED)
    assert (taken.status_code, "named Care already" in taken.text) == (422, True)

    manager.post(address(first), ENTERED | {"seen": "1"})
    late = manager.post(address(first), ENTERED | {"seen": "1", "mon": "10-11"})
    assert (late.status_code, "while you were at it" in late.text) == (422, True)
    assert 'value="10-11"' in late.text
    assert BusinessHoursVersion.objects.count() == 2


def test_for_agents_and_unknown_hours_there_is_no_such_page(client: Client) -> None:
    known = address(hours())
    client.force_login(ana())
    for page in ("/hours/", "/hours/new/", known):
        assert client.get(page).status_code == 404
        assert client.post(page, ENTERED).status_code in {404, 405}
    client.force_login(mia())
    assert client.get(known).status_code == 200
    assert client.get("/hours/987654/").status_code == 404
    assert BusinessHoursVersion.objects.count() == 1


def test_only_managers_find_the_way_there(client: Client) -> None:
    client.force_login(ana())
    assert "/hours/" not in client.get("/dashboard/").text
    client.force_login(mia())
    assert "/hours/" in client.get("/dashboard/").text


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_many(
    manager: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hours()
    manager.get("/hours/")
    with django_assert_num_queries(4):
        manager.get("/hours/")
    for number in range(20):
        hours(f"Care {number}")
    with django_assert_num_queries(4):
        assert "Care 19" in manager.get("/hours/").text


def test_the_pages_carry_no_inline_style_or_script(manager: Client) -> None:
    for page in ("/hours/", "/hours/new/", address(hours())):
        text = manager.get(page).text
        assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
