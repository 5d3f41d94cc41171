"""Who somebody is at the desk: roles, teams, leaving and coming back."""

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import Team, User
from apps.agents.operations import place
from apps.common.errors import DeskError
from apps.conversations.operations import assigning
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import a_token
from tests.people import Kim
from tests.signing_in import password_of, signed_in, window


@pytest.mark.django_db
def test_a_program_of_somebody_who_left_is_refused(ada: User, ana: User) -> None:
    headers = {"authorization": f"Bearer {a_token(ana, 'read')}"}
    assert Client().get("/api/v1/users/", headers=headers).status_code == 200
    window(ada).post(f"/settings/people/{ana.pk}/let-go/")
    assert Client().get("/api/v1/users/", headers=headers).status_code == 401


@pytest.mark.django_db
def test_an_admin_gives_roles_and_teams_and_they_count_at_once(
    ada: User, mia: User, care: Team
) -> None:
    sales = people.a_team("Sales")
    hers = window(mia)
    assert hers.get("/hours/").status_code == 200
    said = Kim(people.a_channel(team=care)).writes(at=timezone.now())
    conversation = people.conversation_of(said)
    assigning.assign(conversation=conversation, to=mia, by=ada, at=timezone.now())
    answer = window(ada).post(
        f"/settings/people/{mia.pk}/place/", {"role": "agent", "teams": [sales.pk]}, follow=True
    )
    assert "It counts from now on" in answer.text
    assert hers.get("/hours/").status_code == 404
    assert hers.get(f"/settings/teams/{care.pk}/").status_code == 404
    conversation.refresh_from_db()
    assert conversation.assignee_id is None
    event = Event.objects.get(kind="user_placed")
    assert event.data == {"role": "agent", "was": "manager", "teams": [sales.pk]}


@pytest.mark.django_db
def test_a_desk_keeps_an_admin(ada: User, mia: User) -> None:
    now = timezone.now()
    for path, said in (("place", {"role": "agent"}), ("let-go", {})):
        window(ada).post(f"/settings/people/{ada.pk}/{path}/", said)
        ada.refresh_from_db()
        assert (ada.role, ada.is_active) == ("admin", True)
    with pytest.raises(DeskError, match="Only admins"):
        place(user=mia, role="admin", teams=[], by=mia, at=now)
    assert (
        window(mia).post(f"/settings/people/{ada.pk}/place/", {"role": "agent"}).status_code == 404
    )
    window(ada).post(f"/settings/people/{mia.pk}/place/", {"role": "admin"})
    window(mia).post(f"/settings/people/{ada.pk}/place/", {"role": "agent"})
    assert set(User.objects.filter(role="admin")) == {mia}


@pytest.mark.django_db
def test_teams_are_made_named_and_removed_by_admins(
    ada: User, mia: User, ana: User, care: Team
) -> None:
    browser = window(ada)
    assert browser.post("/settings/teams/new/", {"name": "Sales  EU"}).status_code == 302
    sales = Team.objects.get(name="Sales EU")
    assert "already exists" in browser.post("/settings/teams/new/", {"name": "Sales EU"}).text
    assert window(mia).post("/settings/teams/new/", {"name": "Mine"}).status_code == 404
    refused = browser.post(f"/settings/teams/{care.pk}/remove/", follow=True)
    assert "There are people in Care" in refused.text
    people.a_channel(team=sales)
    assert (
        "such as a channel" in browser.post(f"/settings/teams/{sales.pk}/remove/", follow=True).text
    )
    sales.channels.all().delete()
    browser.post(f"/settings/teams/{sales.pk}/remove/")
    assert not Team.objects.filter(id=sales.pk).exists()
    assert Event.objects.filter(kind__in=["team_added", "team_removed"]).count() == 2


@pytest.mark.django_db
def test_people_see_and_end_their_sessions(ana: User, mia: User) -> None:
    here, phone, other = signed_in(ana), signed_in(ana), signed_in(mia)
    page = here.get("/me/sessions/")
    assert page.text.count(">Sign out there<") == 1
    theirs = other.get("/me/sessions/").context["sessions"][0][0]
    assert here.post(f"/me/sessions/{theirs.pk}/end/").status_code == 404
    [[_, is_here], [phones, _]] = page.context["sessions"]
    assert is_here
    here.post(f"/me/sessions/{phones.pk}/end/")
    assert phone.get("/me/").status_code == 302
    again = signed_in(ana)
    here.post("/me/sessions/end-others/")
    assert again.get("/me/").status_code == 302
    assert here.get("/me/").status_code == other.get("/me/").status_code == 200
    assert Event.objects.filter(kind="signed_out", by_id=ana.pk).count() == 2


@pytest.mark.django_db
def test_signing_in_makes_a_new_session_and_goes_nowhere_else(ana: User) -> None:
    browser = Client()
    browser.get("/accounts/login/?next=/me/")
    session = browser.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    for bad in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        answer = Client().post("/accounts/login/", password_of(ana) | {"next": bad})
        assert (answer.status_code, answer["Location"]) == (302, "/")
    answer = browser.post("/accounts/login/", password_of(ana) | {"next": "/me/"})
    assert answer["Location"] == "/me/"
    assert browser.session.session_key != planted
    assert Client(headers={"cookie": f"sessionid={planted}"}).get("/me/").status_code == 302
