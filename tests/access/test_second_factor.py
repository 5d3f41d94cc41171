"""Second factors: set up, asked for, required, lost; and what a password alone still opens."""

import re

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.agents.models import Team, User
from apps.ledger.models import Event
from socialdesk.live import listeners
from tests import people
from tests.api.conftest import a_token
from tests.signing_in import window

pytestmark = pytest.mark.django_db


def digits(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def set_up(browser: Client) -> str:
    """Set an app up as a person does; returns its secret."""
    page = browser.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200, page.headers
    [secret] = re.findall(r'class="typed">([A-Z2-7]+)<', page.text)
    done = browser.post("/accounts/2fa/totp/activate/", {"code": digits(secret)})
    assert done.status_code == 302, done.content.decode()
    return str(secret)


def sign_in(user: User) -> tuple[Client, str]:
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": user.email, "password": people.PASSWORD})
    assert answer.status_code == 302
    return browser, str(answer["Location"])


@pytest.mark.django_db(transaction=True)
def test_whoever_has_an_app_is_asked_for_its_digits_or_a_recovery_code(ana: User) -> None:
    browser = window(ana)
    assert "Set up an app" in browser.get("/accounts/2fa/").text
    secret = set_up(browser)
    kept = Authenticator.objects.get(user=ana, type="totp").data["secret"]
    assert kept != secret
    assert get_adapter().decrypt(kept) == secret
    codes = re.findall(
        r"<li><code>(\d{8})</code>", browser.get("/accounts/2fa/recovery-codes/").text
    )
    assert len(codes) == 10
    assert Event.objects.get(kind="totp_activated").by_id == ana.pk

    asked, where = sign_in(ana)
    assert where == "/accounts/2fa/authenticate/"
    assert asked.get("/inbox/mine/").status_code == 302
    assert "Your second factor" in asked.get(where).text
    assert asked.post(where, {"code": "000000"}).status_code == 200
    assert asked.post(where, {"code": codes[0]}).status_code == 302
    assert asked.get("/inbox/mine/").status_code == 200
    again, where = sign_in(ana)
    assert again.post(where, {"code": codes[0]}).status_code == 200
    assert again.post(where, {"code": digits(secret)}).status_code == 302


def test_whoever_owes_a_second_factor_reaches_nothing_else(
    mia: User, ana: User, care: Team, settings: Settings
) -> None:
    browser = window(mia)
    token = a_token(mia, "read")
    settings.SECOND_FACTOR_ROLES = ["manager", "admin"]
    for address in ("/", "/inbox/mine/", f"/settings/people/{ana.pk}/", "/nothing/here/"):
        answer = browser.get(address)
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    part = browser.get("/rail/", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/accounts/2fa/")
    assert browser.post("/presence/seen/", headers={"Desk-Background": "1"}).status_code == 401
    assert browser.get("/api/v1/users/").status_code == 403
    program = Client().get("/api/v1/users/", headers={"authorization": f"Bearer {token}"})
    assert program.status_code == 200
    key = browser.session.session_key or ""
    assert not listeners.find([key], at=timezone.now())
    assert "asks managers for a second factor" in browser.get("/accounts/2fa/").text
    assert window(ana).get("/inbox/mine/").status_code == 200
    set_up(browser)
    assert browser.get("/inbox/mine/").status_code == 200
    assert listeners.find([key], at=timezone.now())


def test_a_raised_role_owes_at_once(ana: User, ada: User, settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["manager"]
    browser = window(ana)
    assert browser.get("/inbox/mine/").status_code == 200
    window(ada).post(f"/settings/people/{ana.pk}/place/", {"role": "manager"})
    assert browser.get("/inbox/mine/")["Location"] == "/accounts/2fa/"


def test_an_admin_takes_a_lost_second_factor_away(ana: User, ada: User, mia: User) -> None:
    browser = window(ana)
    set_up(browser)
    for other in (mia, ana):
        assert window(other).post(f"/settings/people/{ana.pk}/drop-factor/").status_code == 404
    assert "Take the second factor away" in window(ada).get(f"/settings/people/{ana.pk}/").text
    window(ada).post(f"/settings/people/{ana.pk}/drop-factor/")
    assert browser.get("/inbox/mine/").status_code == 302
    _, where = sign_in(ana)
    assert where == "/"
    assert Event.objects.get(kind="second_factor_dropped").by_id == ada.pk


def test_setting_one_up_asks_for_the_password_first(ana: User) -> None:
    browser = window(ana, is_confirmed=False)
    for address in ("totp/activate/", "webauthn/add/", "recovery-codes/generate/"):
        answer = browser.get(f"/accounts/2fa/{address}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/")
