"""Pictures that go out with a reply: kept as they are, and named by the Act that lets them out."""

import pgtrigger
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from apps.agents.models import User
from apps.conversations.models.conversation import Conversation
from apps.conversations.models.message import Message

_IS_THE_ACTS = """
    IF NOT EXISTS (
        SELECT 1 FROM conversations_message message
        JOIN conversations_actpart part
            ON part.act_id = message.act_id AND part.part = message.act_part
        WHERE message.id = NEW.message_id AND message.author_id = NEW.user_id
          AND encode(sha256(NEW.body), 'hex') = ANY(part.attachment_sha256s)
    ) THEN
        RAISE EXCEPTION 'the picture is not one its author decided to send'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""


class Attachment(models.Model):
    """A picture somebody added to a reply; with a `message` it was sent with it, as it is."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="attachments", db_index=False
    )
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="attachments", db_index=False
    )
    content_type = models.CharField(max_length=20)
    body = models.BinaryField()
    sha256 = models.GeneratedField(
        expression=Func(Func(F("body"), function="sha256"), Value("hex"), function="encode"),
        output_field=models.CharField(max_length=64),
        db_persist=True,
    )
    size = models.PositiveIntegerField(help_text="In bytes.")
    alt = models.TextField(default="", help_text="What it shows, for those who can't see it.")
    added_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["conversation", "user", "id"],
                condition=Q(message__isnull=True),
                name="attachment_of_draft",
            ),
            models.Index(
                fields=["message", "id"],
                condition=Q(message__isnull=False),
                name="attachment_of_message",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="attachment_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.message_id IS NOT NULL OR (OLD.id, OLD.user_id, OLD.body,"
                    " OLD.content_type, OLD.size) IS DISTINCT FROM"
                    " (NEW.id, NEW.user_id, NEW.body, NEW.content_type, NEW.size)"
                ),
            ),
            pgtrigger.Protect(
                name="attachment_sent_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.message_id IS NOT NULL"),
            ),
            pgtrigger.Trigger(
                name="attachment_is_the_acts",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.message_id IS NOT NULL"),
                func=_IS_THE_ACTS,
            ),
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"


def as_shown(pictures: "QuerySet[Attachment]") -> ArraySubquery:
    """Read with other rows what pages show of these pictures: `{"id", "alt"}` of each, in order."""
    shown = pictures.order_by("id").values(shown=JSONObject(id="id", alt="alt"))
    return ArraySubquery(shown)


def sent_pictures() -> ArraySubquery:
    """Read with messages what went out with them."""
    return as_shown(Attachment.objects.filter(message=OuterRef("pk")))
