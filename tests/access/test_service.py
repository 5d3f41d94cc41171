"""Sign-in by another service: it proves an address, and the desk says whose that is."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.agents.models import Team, User
from apps.agents.operations import deactivate, invite
from socialdesk import urls
from tests.access.service import CLIENT, SECRET, Service, sign_in_service
from tests.signing_in import window

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/desk/login/"
CALLBACK = f"{LOGIN}callback/"

# As socialdesk.sign_in_urls has them where a service is named.
urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    *urls.urlpatterns,
]


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """A service that the desk was told of."""
    with sign_in_service() as service:
        app = {
            "provider_id": "desk",
            "name": "Acme",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": service.issuer},
        }
        told = {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": told}
        settings.OIDC_ISSUER, settings.OIDC_NAME = service.issuer, "Acme"
        settings.ROOT_URLCONF = "tests.access.test_service"
        yield service


def come_back(service: Service, browser: Client, **claims: object) -> int:
    """Go to the service and back, as a person does; returns how the desk answers."""
    service.claims = {"sub": "7", "name": "Noa Levi", **claims}
    sent = browser.post(LOGIN)
    assert sent.status_code == 302
    assert sent["Location"].startswith(f"{service.issuer}/authorize?")
    asked = parse_qs(urlsplit(sent["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    answer = browser.get(CALLBACK, {"code": "c", "state": asked["state"][0]})
    return int(answer.status_code)


def test_people_come_in_by_a_proved_address_and_keep_their_password(
    service: Service, ana: User
) -> None:
    page = Client().get("/accounts/login/").text
    assert "Sign in by Acme" in page
    browser = Client()
    claims = {"email": "ANA@acme.example", "email_verified": True}
    assert come_back(service, browser, **claims) == 302
    assert browser.get("/me/").status_code == 200
    assert service.asked[0]["code_verifier"]
    ana.refresh_from_db()
    assert ana.has_usable_password()
    again = Client()
    assert come_back(service, again, email="changed@elsewhere.example") == 302
    assert "Ana Bauer" in again.get("/me/").text


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ana@acme.example"},
        {"email": "ana@acme.example", "email_verified": False},
        {"email": "ana@acme.example", "email_verified": "true"},
        {"email": "stranger@acme.example", "email_verified": True},
        {"email_verified": True},
    ],
)
def test_nobody_else_comes_in(service: Service, ana: User, claims: dict[str, object]) -> None:
    browser = Client()
    assert come_back(service, browser, **claims) == 200
    assert browser.get("/me/").status_code == 302
    assert User.objects.count() == 1


def test_who_left_stays_out_and_nobody_adds_another_address(
    service: Service, ana: User, ada: User
) -> None:
    browser = window(ada)
    service.claims = {"sub": "8", "email": "x@acme.example", "email_verified": True}
    sent = browser.post(f"{LOGIN}?process=connect")
    state = parse_qs(urlsplit(sent["Location"]).query)["state"][0]
    assert browser.get(CALLBACK, {"code": "c", "state": state}).status_code == 403
    deactivate(user=ana, by=ada, at=timezone.now())
    browser = Client()
    come_back(service, browser, email="ana@acme.example", email_verified=True)
    assert browser.get("/me/").status_code == 302


def test_who_is_invited_comes_in_without_a_password(
    service: Service, ada: User, care: Team
) -> None:
    invite(email="noa@acme.example", role="agent", teams=[care], by=ada, at=timezone.now())
    browser = Client()
    assert come_back(service, browser, email="noa@acme.example", email_verified=True) == 302
    noa = User.objects.get(email="noa@acme.example")
    assert (noa.name, list(noa.teams.all()), noa.has_usable_password()) == (
        "Noa Levi",
        [care],
        False,
    )
    assert browser.get("/inbox/mine/").status_code == 200


def test_a_made_up_answer_opens_nothing(service: Service, ana: User) -> None:
    answer = Client().get(CALLBACK, {"code": "c", "state": "made-up"})
    assert "did not say who you are" in answer.text
    cancelled = Client().get(CALLBACK, {"error": "access_denied", "state": "x"})
    assert "did not say who you are" in cancelled.text
