"""Pictures of a reply: write-once, described, named by the Act, and shown on the network."""

import base64
from hashlib import sha256

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.common.images import image_type
from apps.conversations.models import ActPart, Attachment, Conversation, Message
from apps.conversations.operations import attaching, replying, sending
from apps.conversations.splitting import joined
from apps.square.models import Media, Picture, Post
from tests.people import ben, conversation_of
from tests.practice import asked_on_square, reply, without_undo

pytestmark = pytest.mark.django_db(transaction=True)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def agent() -> User:
    return without_undo()


@pytest.fixture
def asked(channel: Channel) -> Message:
    return asked_on_square(channel)


def _attached(where: Conversation, by: User, body: bytes = PNG) -> Attachment:
    return attaching.attach(conversation=where, body=body, by=by, at=timezone.now())


def test_a_picture_goes_out_with_the_reply_and_its_description(asked: Message, agent: User) -> None:
    conversation = conversation_of(asked)
    picture = _attached(conversation, agent)
    with pytest.raises(DeskError, match="Say what picture 1 shows"):
        reply(asked, by=agent)
    message = replying.reply(
        conversation=conversation,
        text=joined(["See here 1/2", "and here 2/2"]),
        by=agent,
        session_key="s",
        at=timezone.now(),
        alts={picture.pk: "A router, its light red"},
    )
    assert [part.attachment_sha256s for part in ActPart.objects.order_by("part")] == [
        [sha256(PNG).hexdigest()],
        [],
    ]
    assert sending.send_due() == 2
    first = Post.objects.filter(author__is_brand=True).earliest("id")
    shown = Picture.objects.select_related("media").get()
    assert (shown.post, shown.alt) == (first, "A router, its light red")
    assert bytes(shown.media.body) == PNG
    picture.refresh_from_db()
    assert picture.message == message
    page = Client().get(first.get_absolute_url())
    assert 'alt="A router, its light red"' in page.text
    served = Client().get(f"/square/media/{shown.media_id}/")
    assert (served["Content-Type"], served["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in served["Content-Security-Policy"]


def test_what_was_sent_never_changes_and_what_no_act_names_is_never_sent(
    asked: Message, agent: User
) -> None:
    conversation = conversation_of(asked)
    picture = _attached(conversation, agent)
    attaching.describe(attachment=picture, alt="A router")
    message = reply(asked, by=agent)
    for change in ({"alt": "another"}, {"body": b"other"}, {"message": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Attachment.objects.filter(id=picture.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.filter(id=picture.pk).delete()
    other = _attached(conversation, agent, body=PNG + b"else")
    with pytest.raises(DatabaseError, match="decided"), transaction.atomic():
        Attachment.objects.filter(id=other.pk).update(message=message)
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.filter(id=other.pk).update(body=b"changed")


def test_a_reply_taken_back_brings_its_pictures_back(channel: Channel) -> None:
    asked, agent = asked_on_square(channel), ben(undo_seconds=30)
    conversation = conversation_of(asked)
    attaching.describe(attachment=_attached(conversation, agent), alt="A router")
    message = reply(asked, by=agent)
    replying.undo(message=message, by=agent, at=timezone.now())
    [again] = attaching.pictures_of_draft(conversation, agent)
    assert (again.alt, bytes(again.body)) == ("A router", PNG)
    attaching.detach(attachment=again)
    assert not attaching.pictures_of_draft(conversation, agent).exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (SVG, ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_told_by_its_bytes(body: bytes, kind: str) -> None:
    assert image_type(body) == kind


def test_what_is_no_picture_or_too_large_or_one_too_many_is_refused(
    asked: Message, agent: User
) -> None:
    conversation = conversation_of(asked)
    for body in (SVG, b"<html><script>alert(1)</script>"):
        with pytest.raises(DeskError, match="Only pictures can be added: PNG, JPEG"):
            _attached(conversation, agent, body)
    with pytest.raises(DeskError, match="larger than 2 MB"):
        _attached(conversation, agent, PNG + bytes(2_000_000))
    for _ in range(4):
        _attached(conversation, agent)
    with pytest.raises(DeskError, match="up to 4 pictures"):
        _attached(conversation, agent)


def test_square_takes_pictures_of_brands_alone_and_refuses_what_is_none(channel: Channel) -> None:
    def upload(body: bytes, token: str = channel.token) -> int:
        return (
            Client()
            .post(
                "/square/api/media",
                data=body,
                content_type="image/png",
                headers={"authorization": f"Bearer {token}"},
            )
            .status_code
        )

    assert [upload(PNG), upload(PNG)] == [201, 201]
    assert Media.objects.count() == 1
    assert upload(SVG) == 422
    assert upload(PNG + bytes(2_000_000)) == 422
    assert upload(PNG, token="guess") == 401
