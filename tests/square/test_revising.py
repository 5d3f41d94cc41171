"""A post is edited or deleted by who wrote it, and the brand's desk hears of it over HTTP."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.intake import operations as intake
from apps.square import operations
from apps.square.models import Notice, Person, Post
from apps.square.rules import RuleError
from tests.people import NOON, SECRET, minutes
from tests.square.people import acme, kim

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """Kim's browser: it wrote a post to the brand."""
    browser = Client()
    acme(url="http://127.0.0.1:9/")
    browser.post("/square/write/", {"handle": "kim_lee", "name": "Kim Lee", "text": "@acme help"})
    return browser


def told() -> list[dict[str, Any]]:
    return [json.loads(bytes(notice.body)) for notice in Notice.objects.order_by("id")]


def test_its_author_edits_a_post_and_the_brand_is_told(visitor: Client) -> None:
    post = Post.objects.get()
    page = visitor.get(f"/square/p/{post.pk}/?edit={post.pk}").text
    assert f'action="/square/p/{post.pk}/edit/"' in page
    visitor.post(f"/square/p/{post.pk}/edit/", {"text": "@acme help, please"})
    page = visitor.get(f"/square/p/{post.pk}/").text
    assert "help, please" in page
    assert ">edited</span>" in page
    [created, edited] = told()
    assert (created["type"], edited["type"]) == ("posts.created", "posts.edited")
    assert created["posts"][0]["text"] == "@acme help"
    assert edited["posts"][0]["text"] == "@acme help, please"


def test_its_author_deletes_a_post_and_nobody_answers_it_any_more(visitor: Client) -> None:
    post = Post.objects.get()
    for _ in range(2):
        assert visitor.post(f"/square/p/{post.pk}/delete/").status_code == 302
    page = visitor.get(f"/square/p/{post.pk}/").text
    assert "This post was deleted." in page
    assert "@acme help" not in page
    assert not Post.objects.exclude(text="").exists()
    assert [notice["type"] for notice in told()] == ["posts.created", "posts.deleted"]
    with pytest.raises(RuleError, match="was deleted: answer another"):
        operations.post(author=kim("omar"), text="me too", parent=post, at=NOON)


@pytest.mark.parametrize("what", ["edit", "delete"])
def test_another_browser_changes_nothing(visitor: Client, what: str) -> None:
    post = Post.objects.get()
    stranger = Client()
    assert f"/{what}/" not in stranger.get(f"/square/p/{post.pk}/").text
    assert stranger.post(f"/square/p/{post.pk}/{what}/", {"text": "gotcha"}).status_code == 404
    assert visitor.post(f"/square/p/{post.pk + 1}/{what}/", {"text": "x"}).status_code == 404
    post.refresh_from_db()
    assert (post.text, post.edited_at, post.deleted_at) == ("@acme help", None, None)


def test_an_edit_that_may_not_be_posted_is_refused_with_what_was_typed(visitor: Client) -> None:
    post = Post.objects.get()
    answer = visitor.post(f"/square/p/{post.pk}/edit/", {"text": "x" * 501})
    assert answer.status_code == 422
    assert answer.text.count("shorten it") == 1
    assert "x" * 501 in answer.text
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_desk_hears_of_it_in_any_order_and_keeps_the_last_words(
    brand: Person, channel: Channel, live_server: LiveServer, *, backwards: bool
) -> None:
    url = f"{live_server.url}/hooks/{channel.pk}/"
    operations.subscribe(person=brand, url=url, secret=SECRET)
    author, now = kim(), timezone.now()
    edited_at, deleted_at = now + minutes(1), now + minutes(2)
    post = operations.post(author=author, text="@acme help", at=now)
    operations.edit(post=post, by=author, text="@acme help, please", at=edited_at)
    operations.delete(post=post, by=author, at=deleted_at)
    for notice in Notice.objects.order_by("-id" if backwards else "id"):
        bring(notice)
        intake.drain()
    message = Message.objects.get()
    assert (message.text, message.posted_at) == ("@acme help, please", now)
    assert (message.edited_at, message.deleted_at) == (edited_at, deleted_at)
    assert Conversation.objects.get().waiting_since == now


def bring(notice: Notice) -> None:
    """Deliver this one alone, again where a busy machine took longer than Square waits."""
    while not Notice.objects.filter(id=notice.pk, delivered_at__isnull=False).exists():
        now = timezone.now()
        Notice.objects.update(next_at=now + minutes(9))
        Notice.objects.filter(id=notice.pk).update(next_at=now)
        operations.deliver_due(at=now)
