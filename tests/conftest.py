"""What every test gets."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.channels.models import Channel
from apps.square import operations as square
from apps.square.models import Person
from tests.people import a_channel


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A million rounds of hashing protect people; tests have none to protect."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


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
