"""Invitations: who may send them, and that each opens the desk once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.agents.models import Invitation, Team, User
from apps.agents.operations import accept, deactivate
from apps.agents.operations.inviting import opened_by
from apps.common.errors import DeskError
from apps.ledger.models import Event
from tests import people
from tests.mail_server import MailServer
from tests.signing_in import window

NEW = {"name": "Noa  Levi", "password": "seven brave otters", "again": "seven brave otters"}


def invite(by: User, *teams: Team, email: str = "noa@acme.example", role: str = "agent") -> str:
    """Invite somebody in the console; returns the path of the letter's link."""
    said = {"email": email, "role": role, "teams": [team.pk for team in teams]}
    answer = window(by).post("/settings/people/invite/", said)
    assert answer.status_code == 302, answer.context["form"].errors
    return link()


def link() -> str:
    [path] = re.findall(r"(/invitations/\S+)", str(mail.outbox[-1].body))
    return str(path)


@pytest.mark.django_db
def test_who_is_invited_chooses_name_and_password_and_is_at_work(mia: User, care: Team) -> None:
    path = invite(mia, care)
    assert mail.outbox[-1].to == ["noa@acme.example"]
    assert "noa@acme.example" in window(mia).get("/settings/people/").text
    browser = Client()
    page = browser.get(path)
    assert "no-store" in page["Cache-Control"]
    assert mia.name in page.text
    assert browser.post(path, NEW | {"again": "another"}).status_code == 422
    assert browser.post(path, NEW | {"password": "1234", "again": "1234"}).status_code == 422
    came_in = browser.post(path, NEW, follow=True)
    assert came_in.status_code == 200
    noa = User.objects.get(email="noa@acme.example")
    assert (noa.name, noa.role, list(noa.teams.all())) == ("Noa Levi", "agent", [care])
    assert User.objects.at_work(at=timezone.now()).filter(id=noa.pk).exists()
    kinds = list(Event.objects.filter(kind__contains="invit").values_list("kind", flat=True))
    assert kinds == ["user_invited", "invitation_accepted"]
    assert Event.objects.get(kind="user_added").by_id == mia.pk
    assert "noa@acme.example" not in window(mia).get("/settings/people/").text.split("Teams")[0]
    login = {"login": "NOA@acme.example", "password": NEW["password"]}
    assert Client().post("/accounts/login/", login).status_code == 302


@pytest.mark.django_db
def test_a_link_opens_nothing_once_used_renewed_taken_back_or_too_old(
    mia: User, care: Team
) -> None:
    first = invite(mia, care)
    [invitation] = Invitation.objects.all()
    assert first.split("/")[2] not in str(vars(invitation))
    window(mia).post(f"/settings/invitations/{invitation.pk}/renew/")
    second = link()
    closed = [first]
    assert Client().get(second).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    closed.append(second)
    answers = [
        (Client().get(path).status_code, Client().post(path, NEW).status_code) for path in closed
    ]
    window(mia).post(f"/settings/invitations/{invitation.pk}/renew/")
    third = link()
    browser = Client()
    assert browser.get(third).status_code == 200
    window(mia).post(f"/settings/invitations/{invitation.pk}/withdraw/")
    answers.append((Client().get(third).status_code, browser.post(third, NEW).status_code))
    used = invite(mia, care)
    assert Client().post(used, NEW).status_code == 302
    answers.append((Client().get(used).status_code, Client().post(used, NEW).status_code))
    answers.append((Client().get("/invitations/none/").status_code, 404))
    assert answers == [(404, 404)] * 5
    assert User.objects.filter(email="noa@acme.example").count() == 1


@pytest.mark.django_db
def test_managers_invite_agents_into_their_teams_and_agents_nobody(
    ana: User, mia: User, ada: User, care: Team
) -> None:
    sales = people.a_team("Sales")
    for role, team in (("agent", sales), ("admin", care), ("manager", care)):
        said = {"email": "x@acme.example", "role": role, "teams": [team.pk]}
        assert window(mia).post("/settings/people/invite/", said).status_code == 422
    without = {"email": "x@acme.example", "role": "agent"}
    assert window(mia).post("/settings/people/invite/", without).status_code == 422
    assert window(ana).get("/settings/people/invite/").status_code == 404
    assert window(ana).post("/settings/people/invite/", without).status_code == 404
    invite(ada, sales, role="manager")
    [theirs] = Invitation.objects.all()
    for deed in ("renew", "withdraw"):
        foreign = window(mia).post(f"/settings/invitations/{theirs.pk}/{deed}/")
        assert foreign.status_code == 404
    known = {"email": "ANA@acme.example", "role": "agent", "teams": [care.pk]}
    assert "already signs in" in window(mia).post("/settings/people/invite/", known).text
    twice = {"email": "NOA@acme.example", "role": "agent", "teams": [care.pk]}
    assert "invited already" in window(mia).post("/settings/people/invite/", twice).text


@pytest.mark.django_db
def test_inviting_asks_for_the_password_first_and_goes_on_afterwards(mia: User, care: Team) -> None:
    browser = window(mia, is_confirmed=False)
    said = {"email": "noa@acme.example", "role": "agent", "teams": [care.pk]}
    asked = browser.post("/settings/people/invite/", said)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not Invitation.objects.exists()
    assert "Is it you?" in browser.get(asked["Location"]).text
    given = {"password": people.PASSWORD, "next": "/settings/people/invite/"}
    assert browser.post("/accounts/reauthenticate/", given).status_code == 302
    assert Invitation.objects.get().email == "noa@acme.example"


@pytest.mark.django_db
def test_the_word_of_who_left_or_was_lowered_is_void(mia: User, ada: User, care: Team) -> None:
    path = invite(mia, care)
    deactivate(user=mia, by=ada, at=timezone.now())
    assert Client().post(path, NEW).status_code == 404
    high = invite(ada, care, email="boss@acme.example", role="admin")
    User.objects.filter(id=ada.pk).update(role="manager")
    assert Client().post(high, NEW).status_code == 404


@pytest.mark.django_db
def test_whoever_is_signed_in_is_told_to_sign_out_first(mia: User, ana: User, care: Team) -> None:
    path = invite(mia, care)
    assert "Somebody is signed in here" in window(ana).post(path, NEW).text
    User.objects.filter(id=ana.pk).update(email="noa@acme.example")
    taken = Client().post(path, NEW)
    assert taken.status_code == 422
    assert "already signs in" in taken.text


@pytest.mark.django_db
def test_a_letter_that_no_server_takes_is_sent_again(
    mia: User, care: Team, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with MailServer(recipients="550 no such mailbox") as server:
        settings.EMAIL_PORT = server.port
        said = {"email": "noa@acme.example", "role": "agent", "teams": [care.pk]}
        page = window(mia).post("/settings/people/invite/", said, follow=True)
        assert "did not take the letter" in page.text
        assert "letter not sent" in page.text
        server.recipients = ""
        invitation = Invitation.objects.get()
        window(mia).post(f"/settings/invitations/{invitation.pk}/renew/")
        assert "opens the desk once" in server.letters[0].replace("=\n", "")
    invitation.refresh_from_db()
    assert invitation.letter_at


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_comes_in(mia: User, care: Team) -> None:
    key = invite(mia, care).split("/")[2]
    invitation = opened_by(key, at=timezone.now())

    def come(number: int) -> str:
        try:
            accept(
                invitation=invitation,
                name=f"Noa {number}",
                password=NEW["password"],
                at=timezone.now(),
            )
        except DeskError as error:
            return str(error)
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(come, range(4)))
    assert said.count("in") == 1
    assert User.objects.filter(email="noa@acme.example").count() == 1
    assert all("opens nothing any more" in one for one in said if one != "in")
