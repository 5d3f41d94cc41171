"""A new desk's first people and channels, by commands that say what to correct."""

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.test import Client

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.ledger.models import Event
from apps.square.models import Person, Subscription, fingerprint
from socialdesk.management.deciding import DecidingCommand
from tests.signing_in import window

PASSWORD = "seven brave otters"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW_PASSWORD", PASSWORD)
    monkeypatch.setenv("CHANNEL_TOKEN", "a token of Square's")


def create_admin(email: str = "ada@desk.example", name: str = "Ada  Moreau") -> None:
    call_command("create_admin", email=email, name=name)


def add_channel(**changed: str) -> None:
    given = {
        "handle": "@acme",
        "account_id": "u2",
        "base_url": "https://desk.example/square/",
        "team": "Care",
    }
    call_command("add_channel", "square", **{**given, **changed})


def test_the_first_admin_signs_in_and_is_in_the_ledger() -> None:
    create_admin()
    admin = User.objects.get()
    assert (admin.name, admin.initials, admin.role) == ("Ada Moreau", "AM", "admin")
    event = Event.objects.get()
    assert (event.kind, event.user_id, event.by_id) == ("user_added", admin.pk, None)
    form = {"login": "ADA@desk.example", "password": PASSWORD}
    assert Client().post("/accounts/login/", form).status_code == 302


@pytest.mark.parametrize(
    ("email", "name", "sentence"),
    [
        ("ada", "Ada", "email: Enter a valid email address"),
        ("ADA@Desk.example", "Ada", "already signs in here"),
        ("b@desk.example", " ", "name: This field cannot be blank"),
        ("b@desk.example", "b" * 81, "name: Ensure this value has at most 80 characters"),
    ],
)
def test_who_cannot_be_taken_in_is_told_why(email: str, name: str, sentence: str) -> None:
    create_admin()
    with pytest.raises(CommandError, match=sentence):
        create_admin(email, name)
    assert User.objects.count() == Event.objects.count() == 1


def test_a_password_that_everybody_guesses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW_PASSWORD", "password")
    with pytest.raises(CommandError, match="too common"):
        create_admin()
    assert not User.objects.exists()


def test_without_a_terminal_the_password_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NEW_PASSWORD")
    with pytest.raises(CommandError, match="set NEW_PASSWORD"):
        create_admin()


def test_an_agent_is_on_in_the_team_at_once() -> None:
    add_channel()
    call_command("create_agent", email="ana@desk.example", name="Ana Bauer", team="Care")
    agent = User.objects.get()
    event = Event.objects.get(kind="user_added")
    assert agent.role == "agent"
    assert list(Team.objects.get().users.all()) == [agent]
    assert list(User.objects.at_work(at=event.at)) == [agent]


def test_an_agent_of_a_team_that_is_not_there_is_told_which_are() -> None:
    add_channel()
    with pytest.raises(CommandError, match=r"no team Cars \(there is Care\)"):
        call_command("create_agent", email="ana@desk.example", name="Ana Bauer", team="Cars")


def test_a_channel_is_connected_with_a_secret_and_told_where_to_deliver(
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_channel()
    channel = Channel.objects.get()
    assert (channel.handle, channel.team.name) == ("@acme", "Care")
    assert (channel.base_url, channel.token) == (
        "https://desk.example/square",
        "a token of Square's",
    )
    told = capsys.readouterr().out
    assert f"/hooks/{channel.pk}/" in told
    assert channel.webhook_secret in told
    assert channel.webhook_secret.startswith("whsec_")
    event = Event.objects.get(kind="channel_connected")
    assert (event.kind, event.channel_id) == ("channel_connected", channel.pk)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "already exists"),
        ({"account_id": ""}, "account_id: This field cannot be blank"),
        ({"account_id": "u3", "base_url": "square"}, "base_url: Enter a valid URL"),
    ],
)
def test_what_cannot_be_connected_is_told_why_and_leaves_no_team(
    changed: dict[str, str], sentence: str
) -> None:
    add_channel()
    with pytest.raises(CommandError, match=sentence):
        add_channel(**{"team": "Another", **changed})
    assert Channel.objects.count() == Team.objects.count() == 1


def test_a_brand_joins_square_and_hears_at_its_webhook(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("square_brand", "acme", name="Acme")
    brand = Person.objects.get()
    told = capsys.readouterr().out.split()
    assert brand.external_id in told
    assert brand.token_sha256 == fingerprint(told[-1])
    monkeypatch.setenv("WEBHOOK_SECRET", "whsec_c29jaWFsLWRlc2stdGVzdHMtb25seQ==")
    call_command("square_brand", "acme", webhook="https://desk.example/hooks/1/")
    brand.refresh_from_db()
    assert brand.token_sha256 == fingerprint(told[-1])
    assert Subscription.objects.get().url == "https://desk.example/hooks/1/"


def test_a_brand_that_square_refuses_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="A handle has"):
        call_command("square_brand", "no spaces, please")
    monkeypatch.setenv("WEBHOOK_SECRET", "not base64")
    with pytest.raises(CommandError, match="whsec_"):
        call_command("square_brand", "acme", webhook="https://desk.example/hooks/1/")


def test_what_commands_decide_is_in_the_ledger_by_their_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create_admin()
    add_channel()
    call_command("create_agent", email="ana@desk.example", name="Ana Bauer", team="Care")
    call_command("add_policy", name="Fast", first_response_minutes=5)
    call_command("add_api_client", name="CRM", email="ana@desk.example", scopes=["read"])
    signed_in = window(User.objects.get(name="Ana Bauer"))
    monkeypatch.setenv("NEW_PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        call_command("changepassword", "ana@desk.example")
    monkeypatch.setenv("NEW_PASSWORD", "eight brave otters")
    call_command("changepassword", "ANA@desk.example")
    with pytest.raises(CommandError, match=r"Nobody here signs in as bo@desk\.example"):
        call_command("changepassword", "bo@desk.example")
    told = Event.objects.order_by("id").values_list("command", "kind", "by_id")
    assert list(told) == [
        ("create_admin", "user_added", None),
        ("add_channel", "team_added", None),
        ("add_channel", "channel_connected", None),
        ("create_agent", "user_added", None),
        ("add_policy", "policy_saved", None),
        ("add_api_client", "api_client_added", None),
        ("changepassword", "password_changed", None),
    ]
    assert signed_in.get("/inbox/mine/").status_code == 302, "the old password opens nothing more"
    said = {"login": "ana@desk.example", "password": "eight brave otters"}
    assert Client().post("/accounts/login/", said)["location"] == "/"


def test_every_command_says_whether_it_decides_anything() -> None:
    ours = [name for name, app in get_commands().items() if app == "socialdesk"]
    deciding = {
        name for name in ours if isinstance(load_command_class("socialdesk", name), DecidingCommand)
    }
    runs = {"demo", "down", "part", "reset", "scheduler", "simulate", "square_brand", "up"}
    counts = {"recount", "report", "sameness"}
    names_what_it_connects = {"import_tweets"}
    assert set(ours) - deciding == runs | counts | names_what_it_connects
