"""Pictures in the console: added with and without JavaScript, shown to whom they concern."""

import base64
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from apps.conversations.models import Attachment, Message
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = b"<html><script>alert(1)</script>"


def _address(message: Message, rest: str) -> str:
    return f"/conversations/{message.conversation_id}/{rest}"


@pytest.mark.django_db
def test_a_picture_is_added_described_sent_and_shown(
    kim: Kim, desk: Client, mia: User, sign_in: SignIn
) -> None:
    asked = kim.writes()
    files = [
        SimpleUploadedFile("light.png", PNG, content_type="image/png"),
        SimpleUploadedFile("evil.png", HTML, content_type="image/png"),
    ]
    added = desk.post(_address(asked, "pictures/"), {"picture": files}, headers=HTMX)
    assert added.status_code == 422
    assert "evil.png: Only pictures can be added" in added.text
    picture = Attachment.objects.get()
    shown = desk.get(f"/pictures/{picture.pk}/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in shown["Content-Security-Policy"]
    mias = sign_in(mia)
    for client, where in ((mias, ""), (mias, "alt/"), (mias, "remove/")):
        method = client.post if where else client.get
        assert method(f"/pictures/{picture.pk}/{where}").status_code == 404

    refused = desk.post(_address(asked, "reply/"), {"text": "see"}, headers=HTMX)
    assert "Say what picture 1 shows" in refused.text
    said = {"text": "see", f"alt-{picture.pk}": "A router, its light red"}
    sent = desk.post(_address(asked, "reply/"), said, follow=True)
    assert 'alt="A router, its light red"' in sent.text
    assert mias.get(f"/pictures/{picture.pk}/").status_code == 200
    assert desk.post(f"/pictures/{picture.pk}/remove/").status_code == 404


@pytest.mark.django_db
def test_pictures_of_a_private_channel_are_unknown_to_others(sign_in: SignIn, desk: Client) -> None:
    private = people.a_channel("@vip", team=people.a_team("Private"), is_private=True)
    asked = Kim(private).writes()
    where, theirs = _address(asked, "pictures/"), sign_in(people.ben(private.team))
    for client, status in ((desk, 404), (theirs, 302)):
        file = SimpleUploadedFile("light.png", PNG, content_type="image/png")
        assert client.post(where, {"picture": file}).status_code == status
    assert desk.get(f"/pictures/{Attachment.objects.get().pk}/").status_code == 404


@pytest.fixture
def anas(page: Page, live_server: LiveServer, ana: User, sign_in: SignIn) -> Iterator[Page]:
    cookie = sign_in(ana).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    yield page
    page.context.close()


@pytest.mark.django_db(transaction=True)
def test_send_waits_for_the_description_and_undo_brings_the_picture_back(
    anas: Page, kim: Kim, live_server: LiveServer
) -> None:
    asked = kim.writes()
    anas.goto(live_server.url + _address(asked, ""))
    anas.fill("#reply-text", "see here")
    picture: FilePayload = {"name": "light.png", "mimeType": "image/png", "buffer": PNG}
    anas.set_input_files("#picture", picture)
    described = anas.get_by_label("What picture 1 shows")
    expect(described).to_be_focused()
    anas.focus("#reply-text")
    anas.keyboard.press("Control+Enter")
    expect(described).to_be_focused()  # the browser asks for it
    anas.keyboard.type("A red light")
    anas.focus("#reply-text")
    anas.keyboard.press("Control+Enter")
    expect(anas.locator(".message.ours img")).to_have_attribute("alt", "A red light")
    anas.keyboard.press("u")
    expect(anas.get_by_label("What picture 1 shows")).to_have_value("A red light")
    anas.get_by_role("button", name="Take picture 1 off").click()
    expect(anas.get_by_label("What picture 1 shows")).to_have_count(0)
