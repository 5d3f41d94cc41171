"""Signing in as a person does it, in a browser: an invitation, a passkey, an app, a lost one."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import Team, User
from apps.agents.operations import invite
from tests import people
from tests.every_page.conftest import SETTLED

REPORTS = """
    window.reports = [];
    document.addEventListener('securitypolicyviolation', violation =>
        window.reports.push(`${violation.effectiveDirective} ${violation.blockedURI}`));
"""


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A browser with a passkey of its own, at the desk's name, since numbers take none."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(REPORTS)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    yield page
    assert page.evaluate("window.reports") == []
    context.close()


def shut_out(page: Page, scheme: Literal["light", "dark"] = "dark") -> list[str]:
    """Whom this page shuts out, by axe."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(SETTLED)
    run = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    return [f"{page.url}: {one['id']}" for one in run.response["violations"]]


@pytest.mark.django_db(transaction=True)
def test_nobody_is_shut_out_of_signing_in(page: Page) -> None:
    ana = people.ana()
    seen = []
    for address in ("login/", "password/reset/", "password/reset/key/1-x/", "signup/"):
        page.goto(f"/accounts/{address}")
        seen += shut_out(page)
    page.goto("/accounts/login/")
    seen += shut_out(page, "light")
    page.get_by_label("E-mail").fill(ana.email)
    page.get_by_label("Password").fill(people.PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Mine"))
    for address in ("2fa/", "2fa/totp/activate/", "password/change/", "2fa/webauthn/", "logout/"):
        page.goto(f"/accounts/{address}")
        if page.get_by_role("heading", name="Is it you?").is_visible():
            seen += shut_out(page)
            page.get_by_label("Password").fill(people.PASSWORD)
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", name="Authenticator app")).to_be_visible()
        seen += shut_out(page)
    assert not seen, "\n".join(seen)


@pytest.mark.django_db(transaction=True)
def test_an_invited_person_adds_a_passkey_and_signs_in_with_it_alone(page: Page) -> None:
    care: Team = people.a_team("Care")
    mia: User = people.mia(care)
    _, key = invite(email="noa@acme.example", role="agent", teams=[care], by=mia, at=timezone.now())
    page.goto(f"/invitations/{key}/")
    for label in ("Your name", "A password", "The same again"):
        page.get_by_label(label).fill("Noa Levi" if label == "Your name" else people.PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Mine"))

    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(people.PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("What you call it").fill("My telephone")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    [told] = [letter for letter in mail.outbox if "passkey" in letter.subject]
    assert told.to == ["noa@acme.example"]

    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_title(re.compile("Mine"))
    page.goto("/me/sessions/")
    expect(page.get_by_text("Chrome on Linux")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
