"""Messages: one utterance each, inbound, outbound or an internal note."""

from datetime import datetime

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.constraints import both_or_neither
from apps.conversations.models.act import Act
from apps.conversations.models.conversation import Conversation
from apps.conversations.models.thread import Thread
from apps.conversations.models.uncounted import noted_on_insert, noting
from apps.customers.models import Identity

SILENT_SURFACES = ("found", "follow")
"""Where nobody addressed us: what is said there asks for no answer."""

RARER_SURFACES = ("comment", "direct", *SILENT_SURFACES)
"""All but mentions: what is rare enough to be looked up by where it was said."""

_TEXT_IS_THE_ACTS = """
    IF NOT EXISTS (
        SELECT 1 FROM conversations_actpart part JOIN conversations_act act ON act.id = part.act_id
        WHERE part.act_id = NEW.act_id AND part.part = NEW.act_part
          AND part.text_sha256 = encode(sha256(convert_to(NEW.text, 'UTF8')), 'hex')
          AND act.user_id = NEW.author_id
    ) THEN
        RAISE EXCEPTION 'the text is not the one its author decided to send'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
"""


_TEXT_OR_ACT_CHANGES = pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
    "text", "act_id", "act_part", "author_id"
)


_COUNTED = ("posted_at", "surface", "language", "author_id", "conversation_id")
_WAS, _IS_NOW = (", ".join(f"{row}.{column}" for column in _COUNTED) for row in ("OLD", "NEW"))
_COUNTS_OTHERWISE = pgtrigger.Condition(f"(({_WAS}) IS DISTINCT FROM ({_IS_NOW}))")


_STORED = pgtrigger.Referencing(new="stored")  # type: ignore[no-untyped-call]


class Message(models.Model):
    """One utterance. `posted_at` is the network's own time, `received_at` ours.

    An outbound message has no `posted_at` until the network accepted it. `conversation` is null
    for context: shown in its thread, in no conversation, closing no clock (threads.md).
    """

    class Direction(models.TextChoices):
        INBOUND = "inbound", "Inbound"
        OUTBOUND = "outbound", "Outbound"
        NOTE = "note", "Note"

    class Origin(models.TextChoices):
        NETWORK = "network", "Network"
        DESK = "desk", "Desk"

    class State(models.TextChoices):
        """Where an outbound message is on its way (trust.md, What goes out)."""

        QUEUED = "queued", "Queued"
        IN_FLIGHT = "in_flight", "Being sent"
        SENT = "sent", "Sent"
        REFUSED = "refused", "Refused by the network"
        RETRY = "retry", "Trying again"
        UNKNOWN = "unknown", "Asking the network"
        NEEDS_AUTHOR = "needs_author", "Needs its author"
        UNDONE = "undone", "Taken back"
        DISCARDED = "discarded", "Given up by its author"

    NEVER_SAID = (State.UNDONE, State.DISCARDED)
    UNSETTLED = (State.QUEUED, State.IN_FLIGHT, State.RETRY, State.UNKNOWN, State.NEEDS_AUTHOR)

    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        db_constraint=False,
    )
    thread = models.ForeignKey(
        Thread, on_delete=models.PROTECT, related_name="messages", db_constraint=False
    )
    conversation = models.ForeignKey(
        Conversation,
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
    )
    direction = models.CharField(max_length=8, choices=Direction)
    origin = models.CharField(max_length=8, choices=Origin)
    surface = models.CharField(max_length=8, default="mention")
    external_id = models.CharField(max_length=500, null=True)
    parent_id_there = models.CharField(
        max_length=500, null=True, help_text="The network's id of the message it replies to."
    )
    identity = models.ForeignKey(
        Identity,
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        db_constraint=False,
    )
    author = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        help_text="Who wrote it here, or whose signature it bears.",
    )
    text = models.TextField()
    url = models.TextField(default="")
    language = models.CharField(max_length=35, default="")
    posted_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(
        null=True, help_text="When its author last changed the text there."
    )
    deleted_at = models.DateTimeField(
        null=True, help_text="When it was deleted there. The text stays ours to read."
    )

    act = models.ForeignKey(
        Act, null=True, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    act_part = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=12, choices=State, null=True)
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True, help_text="When the last attempt began.")
    error = models.TextField(default="", help_text="What the network said, for its author.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="message_once"),
            models.UniqueConstraint(
                fields=["act", "act_part"],
                condition=Q(act__isnull=False),
                name="message_act_part_once",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["inbound", "outbound", "note"]),
                name="message_direction_known",
            ),
            models.CheckConstraint(
                condition=both_or_neither(
                    Q(direction="outbound", origin="desk"), Q(act__isnull=False)
                )
                & both_or_neither(Q(act__isnull=True), Q(act_part__isnull=True)),
                name="message_from_desk_has_act",
            ),
            models.CheckConstraint(
                condition=~Q(direction="outbound") | Q(state__isnull=False),
                name="message_outbound_has_state",
            ),
            models.CheckConstraint(
                condition=~Q(direction="inbound")
                | Q(
                    external_id__isnull=False,
                    identity__isnull=False,
                    conversation__isnull=False,
                    posted_at__isnull=False,
                ),
                name="message_inbound_has_author",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(external_id__isnull=False, posted_at__isnull=False),
                name="message_sent_is_known_there",
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                # Two may be unknown where two conversations turned out to be one.
                condition=Q(state="in_flight"),
                name="message_one_in_flight",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "posted_at", "id"], name="message_timeline"),
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state__in=["queued", "in_flight", "retry", "unknown"]),
                name="message_unsettled",
            ),
            models.Index(
                fields=["surface", "conversation"],
                condition=Q(surface__in=RARER_SURFACES, direction="inbound"),
                name="message_by_surface",
            ),
            models.Index(
                Upper("language"),
                F("conversation"),
                condition=Q(direction="inbound"),
                name="message_by_language",
            ),
            # Rows lie in the order in which they came, so these cost receiving next to nothing.
            BrinIndex(
                fields=["received_at"],
                autosummarize=True,
                pages_per_range=16,
                name="message_by_arrival",
            ),
            BrinIndex(
                fields=["posted_at"], autosummarize=True, pages_per_range=16, name="message_by_time"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="text_is_the_acts",
                operation=pgtrigger.Insert | _TEXT_OR_ACT_CHANGES,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.act_id IS NOT NULL"),
                func=_TEXT_IS_THE_ACTS,
            ),
            pgtrigger.Trigger(
                name="stored_is_searched",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                referencing=_STORED,
                func=(
                    "INSERT INTO conversations_unsearched (message_id) SELECT id FROM stored;"
                    " RETURN NULL;"
                ),
            ),
            pgtrigger.Trigger(
                name="changed_is_searched",
                operation=pgtrigger.UpdateOf("text"),  # type: ignore[no-untyped-call]
                when=pgtrigger.After,
                condition=pgtrigger.Condition("OLD.text IS DISTINCT FROM NEW.text"),
                func=(
                    "INSERT INTO conversations_unsearched (message_id) VALUES (NEW.id);"
                    " RETURN NULL;"
                ),
            ),
            noted_on_insert("message_came", at="posted_at"),
            pgtrigger.Trigger(
                name="message_counts_otherwise",
                operation=pgtrigger.UpdateOf(*_COUNTED),  # type: ignore[no-untyped-call]
                when=pgtrigger.After,
                condition=_COUNTS_OTHERWISE,
                func=noting(
                    "(VALUES (OLD.channel_id, OLD.posted_at), (NEW.channel_id, NEW.posted_at))"
                    " changed (channel_id, at)",
                    at="at",
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} message {self.pk}"

    @property
    def said_at(self) -> datetime:
        """When it was said; until the network tells, when we stored it."""
        return self.posted_at or self.received_at
