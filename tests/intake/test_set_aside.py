"""Who may decide about what was set aside."""

import pytest

from apps.common.errors import DeskError
from apps.intake import operations
from apps.intake.models import SetAside
from tests.people import NOON, a_channel, a_team, ana

pytestmark = pytest.mark.django_db


def test_an_agent_of_another_team_cannot_retry_what_was_set_aside() -> None:
    operations.keep(channel=a_channel(team=a_team("Care")), body=b"{", at=NOON)
    operations.drain()
    item = SetAside.objects.get()
    with pytest.raises(DeskError, match="Another team"):
        operations.retry(set_aside=item, by=ana(a_team("Other")), at=NOON)
