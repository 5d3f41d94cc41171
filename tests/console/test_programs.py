"""Admins let programs in: each secret is shown once, each deed is an event."""

import re
from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Client as Program
from django.test import Client
from django.utils import timezone

from apps.agents.models import User
from apps.ledger.models import Event
from tests import people
from tests.signing_in import window

pytestmark = pytest.mark.django_db

NEW = "/settings/programs/new/"
SECRET = re.compile(r'class="secret"><code>([\w-]{43})</code>')


@pytest.fixture
def admin() -> Client:
    return window(people.a_user("Ada Moreau", role="admin", team=people.a_team()))


def secret_of(text: str) -> str:
    found = SECRET.search(text)
    assert found
    return found[1]


def token(client_id: str, secret: str) -> str:
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = Client().post("/api/token", asked)
    return str(answer.json().get("access_token", ""))


def tags(bearer: str) -> int:
    address, headers = "/api/v1/tags/", {"authorization": f"Bearer {bearer}"}
    return Client().get(address, headers=headers).status_code


def test_a_program_s_life(admin: Client) -> None:
    ana, ben = people.ana(), people.ben()
    wanted = {"name": "Phone system", "owner": ana.pk, "scopes": ["read", "inbound"]}
    assert admin.post(NEW, wanted | {"scopes": []}).status_code == 422
    made = admin.post(NEW, wanted)
    secret = secret_of(made.text)
    assert "no-store" in made["cache-control"]
    program = Program.objects.get()
    page = f"/settings/programs/{program.pk}/"
    assert secret not in admin.get(page).text
    assert "<td>never</td>" in admin.get("/settings/programs/").text
    bearer = token(program.pk, secret)
    assert tags(bearer) == 200
    assert program.program.last_used_at > timezone.now() - timedelta(minutes=1)
    assert "<td>never</td>" not in admin.get("/settings/programs/").text

    assert admin.post(page, wanted | {"owner": ben.pk, "scopes": ["read"]}).status_code == 302
    assert tags(bearer) == 401
    program.refresh_from_db()
    assert (program.owner, program.get_scopes()) == (ben, ["read"])
    renewed = secret_of(admin.post(f"{page}secret/").text)
    assert token(program.pk, secret) == ""
    bearer = token(program.pk, renewed)
    assert tags(bearer) == 200
    assert admin.post(f"{page}remove/").status_code == 302
    assert tags(bearer) == 401
    kinds = Event.objects.filter(kind__startswith="api_client").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "api_client_added",
        "api_client_changed",
        "api_client_secret_renewed",
        "api_client_removed",
    ]


def test_letting_in_and_secrets_ask_for_the_password_first(admin: Client) -> None:
    ada = User.objects.get()
    wanted = {"name": "CRM", "owner": ada.pk, "scopes": ["read"]}
    browser = window(ada, is_confirmed=False)
    asked = browser.post(NEW, wanted)
    assert "reauthenticate" in asked["location"]
    assert not Program.objects.exists()
    made = browser.post(asked["location"], {"password": people.PASSWORD, "next": NEW})
    secret = secret_of(made.text)
    page = f"/settings/programs/{Program.objects.get().pk}/"
    late = window(ada, is_confirmed=False)
    for address in (page, f"{page}secret/", f"{page}remove/"):
        assert "reauthenticate" in late.post(address, wanted)["location"]
    assert token(Program.objects.get().pk, secret), "nothing of it was done"


def test_to_everybody_else_they_don_t_exist(admin: Client) -> None:
    owner = User.objects.get()
    admin.post(NEW, {"name": "CRM", "owner": owner.pk, "scopes": ["read"]})
    page = f"/settings/programs/{Program.objects.get().pk}/"
    browser = window(people.mia(), is_confirmed=False)
    for address in ("/settings/programs/", NEW, page):
        assert browser.get(address).status_code == 404
    for address in (NEW, page, f"{page}secret/", f"{page}remove/"):
        assert browser.post(address).status_code == 404
    assert "Programs" not in browser.get("/settings/people/").text
