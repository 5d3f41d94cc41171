from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.agents.models import Team, User
from apps.channels.models import Channel
from tests import people
from tests.people import Kim


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def care(db: None) -> Team:
    return people.a_team("Care")


@pytest.fixture
def ada(care: Team) -> User:
    """The admin."""
    return people.a_user("Ada Moreau", role="admin", team=care)


@pytest.fixture
def kim(care: Team) -> Kim:
    return Kim(people.a_channel("@acme", team=care))


@pytest.fixture
def impatient() -> Iterator[None]:
    """Endpoints have a second, so that tests need not wait ten."""
    with override_settings(WEBHOOK_TIMEOUT=1):
        yield


def a_channel_of(team: Team) -> Channel:
    return people.a_channel(f"@{team.name.lower()}", team=team)
