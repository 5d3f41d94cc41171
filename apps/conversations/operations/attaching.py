"""Pictures of a draft: added, described, taken off; with the reply they go out as they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from apps.agents.models import User
from apps.channels.connector import ImageRule
from apps.common.errors import DeskError
from apps.common.images import image_type
from apps.common.text import storable
from apps.conversations.models import Attachment, Conversation, Message
from apps.conversations.operations.locking import locked


@transaction.atomic
def attach(*, conversation: Conversation, body: bytes, by: User, at: datetime) -> Attachment:
    """Add a picture to this person's draft; raises DeskError where its network takes no such."""
    present = locked(conversation, by=by)
    rule = _rule(present)
    kind = image_type(body)
    if kind not in rule.types:
        raise DeskError(f"Only pictures can be added: {_spoken(rule)}.")
    if len(body) > rule.most_bytes:
        raise DeskError(too_large(rule))
    if pictures_of_draft(present, by).count() >= rule.most:
        raise DeskError(f"A reply takes up to {rule.most} pictures. Take one off first.")
    return Attachment.objects.create(
        user=by, conversation=present, content_type=kind, body=body, size=len(body), added_at=at
    )


def describe(*, attachment: Attachment, alt: str) -> None:
    """Say what a picture of a draft shows."""
    Attachment.objects.filter(id=attachment.pk, message__isnull=True).update(alt=storable(alt))


def detach(*, attachment: Attachment) -> None:
    """Take a picture off a draft."""
    Attachment.objects.filter(id=attachment.pk, message__isnull=True).delete()


def pictures_of_draft(conversation: Conversation, user: User) -> QuerySet[Attachment]:
    """Return what this person's reply would take with it, without the bytes."""
    found = Attachment.objects.filter(conversation=conversation, user=user, message__isnull=True)
    return found.defer("body").order_by("id")


def ready(conversation: Conversation, user: User, alts: Mapping[int, str]) -> list[Attachment]:
    """Return the pictures that go out now, each described; raises DeskError where one is not."""
    pictures = list(pictures_of_draft(conversation, user))
    if not pictures:
        return []
    rule = _rule(conversation)
    for number, picture in enumerate(pictures, 1):
        picture.alt = storable(alts.get(picture.pk, picture.alt)).strip()
        if not picture.alt:
            raise DeskError(f"Say what picture {number} shows, for those who can't see it.")
        if len(picture.alt) > rule.longest_alt:
            raise DeskError(
                f"The description of picture {number} has {len(picture.alt):,} characters;"
                f" up to {rule.longest_alt:,} are taken."
            )
    return pictures


def send_with(message: Message, pictures: Sequence[Attachment]) -> None:
    """Bind pictures to the message whose Act names them; from then on nothing changes them."""
    for picture in pictures:
        picture.message = message
        picture.save(update_fields=["message", "alt"])


def keep(messages: Sequence[Message], *, by: User, at: datetime) -> None:
    """Give what went with a reply that did not leave back to its author's draft, as copies."""
    sent = Attachment.objects.filter(message__in=messages).order_by("id")
    Attachment.objects.bulk_create(
        Attachment(
            user=by,
            conversation_id=picture.conversation_id,
            content_type=picture.content_type,
            body=picture.body,
            size=picture.size,
            alt=picture.alt,
            added_at=at,
        )
        for picture in sent
    )


def too_large(rule: ImageRule) -> str:
    """Say what to do about a picture with too many bytes."""
    return f"The picture is larger than {rule.most_bytes // 1_000_000} MB. Make it smaller first."


def _rule(conversation: Conversation) -> ImageRule:
    connector = conversation.channel.connector
    if connector.images is None:
        raise DeskError(f"{connector.label} takes no pictures from the desk.")
    return connector.images


def _spoken(rule: ImageRule) -> str:
    return ", ".join(kind.removeprefix("image/").upper() for kind in rule.types)
