"""People and teams: who sees them, and who decides what."""

import pytest
from django.test import Client

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.ledger.models import Event
from tests import people
from tests.console.conftest import SignIn

pytestmark = pytest.mark.django_db

TEAM = {
    "name": "Care",
    "mode": "pull",
    "return_minutes": "",
    "affinity_minutes": "5",
    "away_minutes": "20",
    "languages": "en, de",
    "weight_mention": "1",
    "weight_comment": "1",
    "weight_direct": "3",
    "weight_found": "1",
    "weight_follow": "0",
}


def test_a_manager_says_what_an_agent_can_take(sign_in: SignIn, mia: User, ana: User) -> None:
    page = sign_in(mia).post(
        f"/settings/people/{ana.pk}/",
        {"capacity": "4", "languages": "de, pt-BR, de", "skills": "Billing,  big  refunds"},
    )
    assert page.status_code == 302
    ana.refresh_from_db()
    assert (ana.capacity, ana.languages) == (4, ["de", "pt-BR"])
    assert ana.skills == ["billing", "big refunds"]
    assert Event.objects.get(kind="user_changed").data == {
        "changed": ["capacity", "languages", "skills"]
    }


def test_an_agent_says_which_languages_they_write_and_nothing_else(desk: Client, ana: User) -> None:
    desk.post(f"/settings/people/{ana.pk}/", {"capacity": "1", "languages": "fr", "skills": "x"})
    ana.refresh_from_db()
    assert (ana.capacity, ana.languages, ana.skills) == (500, ["fr"], [])


def test_an_agent_decides_nothing_about_a_colleague(desk: Client, care: Team) -> None:
    ben = people.ben(care)
    assert desk.get(f"/settings/people/{ben.pk}/").status_code == 200
    assert desk.post(f"/settings/people/{ben.pk}/", {"languages": "fr"}).status_code == 404
    desk.post(f"/settings/people/{ben.pk}/let-go/")
    ben.refresh_from_db()
    assert ben.is_active
    assert ben.languages == []


def test_people_of_other_teams_are_as_unknown_as_nobody(sign_in: SignIn, mia: User) -> None:
    stranger = people.ben(people.a_team("Sales"))
    browser = sign_in(mia)
    for address in (f"/settings/people/{stranger.pk}/", "/settings/people/999999/"):
        assert browser.get(address).status_code == 404
    assert browser.get(f"/settings/teams/{people.a_team('Sales').pk}/").status_code == 404


def test_what_is_no_language_is_refused_in_words(sign_in: SignIn, mia: User, ana: User) -> None:
    page = sign_in(mia).post(
        f"/settings/people/{ana.pk}/", {"capacity": "4", "languages": "German!", "skills": ""}
    )
    assert page.status_code == 422
    assert "as de or pt-BR: German!" in page.text


def test_a_manager_decides_how_their_team_works(
    sign_in: SignIn, mia: User, care: Team, brand_channel: Channel
) -> None:
    page = sign_in(mia).post(
        f"/settings/teams/{care.pk}/", TEAM | {f"skills_{brand_channel.pk}": "billing"}
    )
    assert page.status_code == 302
    care.refresh_from_db()
    brand_channel.refresh_from_db()
    assert (care.mode, care.return_minutes, care.affinity_minutes) == ("pull", None, 5)
    assert (care.away_minutes, care.languages) == (20, ["en", "de"])
    assert care.weights == {"direct": 3, "follow": 0}
    assert brand_channel.skills == ["billing"]


def test_a_manager_names_their_team_as_no_other_is_named(
    sign_in: SignIn, mia: User, care: Team
) -> None:
    people.a_team("Sales")
    taken = sign_in(mia).post(f"/settings/teams/{care.pk}/", TEAM | {"name": "Sales"})
    assert taken.status_code == 422
    assert "already exists" in taken.text
    sign_in(mia).post(f"/settings/teams/{care.pk}/", TEAM | {"name": "Support"})
    care.refresh_from_db()
    assert care.name == "Support"


def test_an_agent_does_not_decide_how_the_team_works(desk: Client, care: Team) -> None:
    assert desk.post(f"/settings/teams/{care.pk}/", TEAM).status_code == 404
    care.refresh_from_db()
    assert care.mode == "both"


def test_an_admin_sees_everybody_and_every_team(sign_in: SignIn, ana: User) -> None:
    browser = sign_in(people.a_user("Ada Moreau", role="admin"))
    page = browser.get("/settings/people/").text
    assert ana.name in page
    assert "How Care works" in page


def test_who_is_let_go_is_signed_out(sign_in: SignIn, mia: User, ana: User) -> None:
    browser = sign_in(ana)
    sign_in(mia).post(f"/settings/people/{ana.pk}/let-go/")
    assert browser.get("/inbox/mine/").status_code == 302


def test_nobody_lets_themselves_go(sign_in: SignIn, mia: User) -> None:
    sign_in(mia).post(f"/settings/people/{mia.pk}/let-go/")
    mia.refresh_from_db()
    assert mia.is_active
