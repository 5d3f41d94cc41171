"""How many statements each page takes: few, and as many for fifty rows as for one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.agents.models import User
from apps.conversations.operations.holding_words import hold_words
from apps.conversations.operations.keeping_views import keep_view
from tests.console.conftest import HTMX
from tests.people import Kim

pytestmark = pytest.mark.django_db
MOST, MOST_OF_ALL_AT_ONCE = 12, 22


def statements(desk: Client, address: str, headers: dict[str, str]) -> int:
    """How many a page takes that was shown before."""
    desk.get(address, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address, headers=headers).status_code == 200
    return len(asked)


def test_a_page_takes_at_most_twelve_statements_and_as_many_for_fifty_rows_as_for_one(
    ana: User, desk: Client, kim: Kim, many_write: Callable[[int], None], now: datetime
) -> None:
    asked = kim.writes("message from Kim", at=now - timedelta(days=1))
    channel = {"channel": str(kim.channel.pk)}
    view = keep_view(name="Acme", queue="everyone", given=channel, team=None, by=ana, at=now)
    conversation = f"/conversations/{asked.conversation_id}/"
    pages = [
        ("/inbox/everyone/", {}),
        ("/inbox/mine/", {}),
        (f"/inbox/everyone/?channel={kim.channel.pk}&view={view.pk}", {}),
        ("/rail/", HTMX),
        ("/inbox/everyone/rows/", HTMX),
        (f"/inbox/everyone/rows/?ids={asked.conversation_id}", HTMX),
        (conversation, HTMX),
        ("/search/?q=message+from", {}),
        ("/search/?q=message+from", HTMX),
    ]
    hold_words()
    for_one = [statements(desk, *page) for page in pages]
    everything = statements(desk, conversation, {})
    many_write(60)
    hold_words()
    assert [statements(desk, *page) for page in pages] == for_one
    assert statements(desk, conversation, {}) == everything <= MOST_OF_ALL_AT_ONCE
    assert [each for each in zip(pages, for_one, strict=True) if each[1] > MOST] == []
