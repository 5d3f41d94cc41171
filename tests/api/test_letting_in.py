"""Programs are let in by a command, and let go again."""

from datetime import datetime

import pytest
from allauth.idp.oidc.models import Client, Token
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from apps.agents.models import User
from apps.agents.operations.programs import remove_client
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import LetIn

JSON = "application/json"
pytestmark = pytest.mark.django_db


def test_a_program_is_let_in_by_a_command(ana: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_api_client", name="CRM", email=ana.email, scopes=["read"])
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    answer = Browser().post(
        "/api/token",
        {
            "grant_type": "client_credentials",
            "client_id": told["id"],
            "client_secret": told["secret"],
        },
    )
    token = answer.json()["access_token"]
    browser = Browser(headers={"authorization": f"Bearer {token}"})
    assert browser.get("/api/v1/conversations/").status_code == 200
    assert browser.post("/api/v1/conversations/1/take/", {}, JSON).status_code == 403
    assert Event.objects.get(kind="api_client_added").user_id == ana.pk
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("add_api_client", name="CRM", email="nobody@x.example", scopes=["read"])


def test_a_wrong_secret_gets_no_token(ana: User, let_in: LetIn) -> None:
    let_in(ana)
    client = Client.objects.get()
    answer = Browser().post(
        "/api/token",
        {"grant_type": "client_credentials", "client_id": client.pk, "client_secret": "guess"},
    )
    assert answer.status_code in {400, 401}
    assert not answer.json().get("access_token")


def test_who_is_let_go_is_out_at_once(ana: User, let_in: LetIn, now: datetime) -> None:
    crm = let_in(ana)
    assert crm.get("tags/").status_code == 200
    with pytest.raises(DeskError, match="Only admins"):
        remove_client(client=Client.objects.get(), by=ana, at=now)
    ada = people.a_user("Ada Moreau", role="admin")
    remove_client(client=Client.objects.get(), by=ada, at=now)
    assert crm.get("tags/").status_code == 401
    assert not Token.objects.exists()


def test_a_generic_channel_is_made_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_channel", "generic", handle="Phone", account_id="phone", team="Care")
    channel = Channel.objects.get()
    assert f"/api/v1/channels/{channel.pk}/messages/" in capsys.readouterr().out
