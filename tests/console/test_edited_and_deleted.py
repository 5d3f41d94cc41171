"""What became of a message on its network is seen where it is read."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.channels.connector import Removal
from apps.conversations.models import Message
from apps.conversations.operations.receiving import Departure, receive
from tests.people import Kim, arrive

pytestmark = pytest.mark.django_db


def test_an_edited_message_shows_its_latest_words(kim: Kim, desk: Client, now: datetime) -> None:
    said = kim.says("it drps", at=now, external_id="1")
    edited = replace(said, text="it drops", edited_at=now + timedelta(minutes=1))
    arrive(kim.channel, said, edited, at=now)
    page = desk.get(f"/conversations/{Message.objects.get().conversation_id}/").text
    assert "it drops" in page
    assert "it drps" not in page
    assert "· edited" in page


def test_a_deleted_message_hides_its_words_behind_a_click(
    kim: Kim, desk: Client, now: datetime
) -> None:
    asked = kim.writes("my number is 555", at=now, external_id="1")
    receive([], gone=[Departure(kim.channel, Removal(external_id="1", deleted_at=now))], at=now)
    page = desk.get(f"/conversations/{asked.conversation_id}/").text
    assert page.count("my number is 555") == 1
    before, _, after = page.partition("my number is 555")
    assert before.rpartition("<details")[2].startswith(' class="text gone"><summary>Deleted there')
    assert "</details>" in after
    assert "Deleted there" in desk.get("/inbox/everyone/").text
