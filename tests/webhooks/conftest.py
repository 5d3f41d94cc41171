from collections.abc import Iterator

import pytest
from django.test import override_settings

from apps.agents.models import Team
from apps.channels.models import Channel
from tests import people


@pytest.fixture
def impatient() -> Iterator[None]:
    """Endpoints have a second, so that tests need not wait ten."""
    with override_settings(WEBHOOK_TIMEOUT=1):
        yield


def a_channel_of(team: Team) -> Channel:
    return people.a_channel(f"@{team.name.lower()}", team=team)
