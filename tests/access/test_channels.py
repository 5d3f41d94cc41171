"""Channels in the console: connected, changed, paused and looked after, by admins alone."""

import pytest
from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Message
from apps.conversations.operations import assigning, replying
from apps.conversations.operations.sending import oldest_due
from apps.ledger.models import Event
from tests import people
from tests.people import Kim
from tests.signing_in import window

pytestmark = pytest.mark.django_db


def test_an_admin_connects_an_account_and_keeps_its_secrets_turning(ada: User, mia: User) -> None:
    care = people.a_team()
    browser = window(ada)
    said = {"network": "square", "handle": "@acme", "account_id": "u2", "team": care.pk}
    refused = browser.post("/settings/channels/new/", said)
    assert refused.status_code == 422
    assert "token: This field cannot be blank" in refused.text
    said |= {"base_url": "https://square.example/", "token": "a token", "is_private": "on"}
    made = browser.post("/settings/channels/new/", said, follow=True)
    channel = Channel.objects.get()
    assert (channel.is_private, channel.token) == (True, "a token")
    assert f"/hooks/{channel.pk}/" in made.text
    assert "a token" not in made.text
    address = f"/settings/channels/{channel.pk}/secret/"
    assert channel.webhook_secret not in made.text
    assert channel.webhook_secret in browser.post(address).text
    assert "reauthenticate" in window(ada, is_confirmed=False).post(address)["location"]
    assert "already exists" in browser.post("/settings/channels/new/", said).text
    secret = channel.webhook_secret
    for deed, secrets in (("rotate", 2), ("rotate", 2), ("end-rotation", 1)):
        browser.post(f"/settings/channels/{channel.pk}/{deed}/")
        channel.refresh_from_db()
        assert len(channel.webhook_secrets) == secrets
    assert secret not in channel.webhook_secrets
    changes = {"handle": "@acme-care", "team": people.a_team("Sales").pk, "token": ""}
    browser.post(f"/settings/channels/{channel.pk}/", changes)
    channel.refresh_from_db()
    assert (channel.handle, channel.team.name) == ("@acme-care", "Sales")
    assert (channel.token, channel.is_private) == ("a token", False)
    assert "@acme-care" in browser.get("/settings/channels/").text
    kinds = (
        Event.objects.filter(channel_id=channel.pk).order_by("id").values_list("kind", flat=True)
    )
    assert list(kinds) == [
        "channel_connected",
        "channel_secret_shown",
        "channel_secret_rotated",
        "channel_old_secret_dropped",
        "channel_changed",
    ]


def test_replies_of_a_paused_channel_wait_until_it_goes_on(ada: User, ana: User) -> None:
    channel = people.a_channel()
    now = timezone.now()
    conversation = people.conversation_of(Kim(channel).writes(at=now))
    assigning.take(conversation=conversation, by=ana, at=now)
    window(ada).post(f"/settings/channels/{channel.pk}/pause/")
    replying.reply(conversation=conversation, text="here", by=ana, session_key="s", at=now)
    Message.objects.filter(direction="outbound").update(not_before=now)
    assert oldest_due(at=now) is None
    page = window(ana).get(f"/conversations/{conversation.pk}/")
    assert "an admin paused this channel" in page.text
    assert "paused since" in window(ada).get("/settings/channels/").text
    window(ada).post(f"/settings/channels/{channel.pk}/go-on/")
    assert oldest_due(at=now) == now
