"""What every test gets."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.square import operations as square
from apps.square.models import Person
from tests import people
from tests.emptying import empty_quickly
from tests.gate import Gate
from tests.people import Kim, a_channel

# Playwright keeps an event loop running in the tests' thread, which Django then takes for async
# code; the tests use the database in between, never within it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

empty_quickly()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium where there is one, else Playwright's own."""
    there = shutil.which("chromium") or shutil.which("google-chrome")
    return browser_type_launch_args | {"executable_path": there}


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A million rounds of hashing protect people; tests have none to protect."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def _gate(live_server: LiveServer) -> Gate:
    """The web server's door, put in once for all tests."""
    server = live_server.thread.httpd
    server.socket.listen(128)  # of many callers at once the standard ten leave some out
    application = server.get_app()
    assert application is not None
    gate = Gate(application)
    server.set_app(gate)
    return gate


@pytest.fixture(autouse=True)
def _requests_end_with_their_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Shut the web server's door before the database is emptied."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    gate: Gate = request.getfixturevalue("_gate")
    gate.open()
    yield
    gate.shut()


@pytest.fixture
def brand() -> Person:
    """A brand's account on Square."""
    return square.join(handle="acme", name="Acme", is_brand=True, at=timezone.now())


@pytest.fixture
def channel(brand: Person, live_server: LiveServer) -> Channel:
    """That account, connected to the desk over HTTP."""
    return a_channel(
        account_id=brand.external_id,
        base_url=f"{live_server.url}/square",
        token=square.issue_token(person=brand),
    )


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def care(db: None) -> Team:
    return people.a_team("Care")


@pytest.fixture
def ana(care: Team) -> User:
    return people.ana(care)


@pytest.fixture
def mia(care: Team) -> User:
    return people.mia(care)


@pytest.fixture
def ada(care: Team) -> User:
    """The admin."""
    return people.a_user("Ada Moreau", role="admin", team=care)


@pytest.fixture
def kim(care: Team) -> Kim:
    return Kim(people.a_channel("@acme", team=care))
