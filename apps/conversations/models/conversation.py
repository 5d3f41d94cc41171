"""Conversations: the unit of work."""

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import Coalesce

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.constraints import both_or_neither
from apps.conversations.models.thread import Thread
from apps.conversations.models.uncounted import noting
from apps.customers.models import Identity
from apps.labels.models import Priority, Tag

_ALL_OF_IT = """
    SELECT channel_id, started_at AS at FROM conversations_clock
    WHERE conversation_id = {row}.conversation_id
    UNION ALL
    SELECT channel_id, posted_at FROM conversations_message
    WHERE conversation_id = {row}.conversation_id
"""

RESPONSES = ("first_response", "next_response")
"""The kinds of clocks that measure a wait for an answer."""


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Filters over conversations; merged ones live on only as redirects."""

    def visible_to(self, user: User) -> Self:
        """What this person may read: the whole desk but other teams' private channels."""
        return self.filter(channel__in=Channel.objects.visible_to(user))

    def answered_by(self, user: User) -> Self:
        """What this person may act on: their teams' conversations, an admin all."""
        return self.filter(channel__in=Channel.objects.answered_by(user))

    def open(self) -> Self:
        """Conversations that are being worked on."""
        return self.filter(state=Conversation.State.OPEN, merged_into__isnull=True)

    def snoozed(self) -> Self:
        """Conversations put off until an instant that somebody chose."""
        return self.filter(state=Conversation.State.SNOOZED)

    def needing_attention(self) -> Self:
        """Somebody waits, or something arrived or woke that nobody has looked at."""
        return self.filter(attention_since__isnull=False)

    def with_wait(self) -> Self:
        """Annotate `due_at`, when the wait that runs is due, null where nothing is promised;
        `warn_at`, when to warn of it; and `wait_channel`, which is the conversation's.
        """
        runs = Q(clocks__stopped_at__isnull=True, clocks__kind__in=RESPONSES)
        waits = self.annotate(wait=FilteredRelation("clocks", condition=runs))
        return waits.annotate(
            due_at=F("wait__due_at"),
            warn_at=F("wait__warn_at"),
            wait_channel=F("wait__channel"),
        )

    def tagged(self, tag: Tag) -> Self:
        """Those that bear this tag."""
        return self.filter(
            Exists(ConversationTag.objects.filter(conversation=OuterRef("id"), tag=tag))
        )


class Conversation(models.Model):
    """One identity's part of one thread on one channel."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SNOOZED = "snoozed", "Snoozed"
        RESOLVED = "resolved", "Resolved"

    class Pause(models.TextChoices):
        """On whom resolving waits, while it does not wait on the desk."""

        CUSTOMER = "customer", "the customer"
        THIRD_PARTY = "third_party", "somebody else"

    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="conversations",
        db_index=False,
        db_constraint=False,
    )
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="conversations")
    identity = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    priority = models.CharField(
        max_length=6, choices=Priority, default=Priority.NORMAL, db_default=Priority.NORMAL
    )
    tags = models.ManyToManyField(Tag, through="ConversationTag", related_name="conversations")
    assignee = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    assigned_at = models.DateTimeField(null=True)
    assigned_by_person = models.BooleanField(default=False)
    assigned_because = models.CharField(max_length=300, default="")
    weight = models.PositiveSmallIntegerField(
        default=1, help_text="How much of its assignee's capacity it takes."
    )
    returns_at = models.DateTimeField(
        null=True, help_text="When it goes back to the queue unless its assignee opens it."
    )
    read_at = models.DateTimeField(
        null=True, help_text="When what waits was last opened by its assignee, or a draft begun."
    )
    returned_from = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Who let it go last: the router gives it to somebody else.",
    )
    contact = models.PositiveIntegerField(default=1, help_text="Which contact is the current one.")
    waiting_since = models.DateTimeField(
        null=True, help_text="posted_at of the oldest unanswered inbound message."
    )
    unseen_since = models.DateTimeField(
        null=True, help_text="When a late message came in that no open episode holds."
    )
    snoozed_until = models.DateTimeField(
        null=True, help_text="When it comes back by itself; set while it is snoozed."
    )
    woke_at = models.DateTimeField(
        null=True, help_text="When its snooze ended, until somebody does something about it."
    )
    attention_since = models.GeneratedField(
        expression=Coalesce("waiting_since", "unseen_since", "woke_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
        help_text="Since when somebody waits, or something is there that nobody has looked at.",
    )
    last_message_at = models.DateTimeField(help_text="posted_at of the newest message.")
    paused_for = models.CharField(
        max_length=11,
        choices=Pause,
        null=True,
        help_text="On whom resolving waits; nobody waits less for an answer because of it.",
    )
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "thread", "identity"],
                condition=Q(merged_into__isnull=True),
                name="conversation_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "snoozed", "resolved"]),
                name="conversation_state_known",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=["low", "normal", "high", "urgent"]),
                name="conversation_priority_known",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(assignee__isnull=True), Q(assigned_at__isnull=True)),
                name="conversation_assigned_at_with_assignee",
            ),
            models.CheckConstraint(
                condition=Q(paused_for__isnull=True)
                | Q(paused_for__in=["customer", "third_party"]),
                name="conversation_paused_for_known",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(state="snoozed"), Q(snoozed_until__isnull=False)),
                name="conversation_snoozed_until_an_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "waiting_since", "id"],
                include=["weight", "unseen_since"],
                condition=Q(state="open"),
                name="conversation_open_by_assignee",
            ),
            models.Index(fields=["assignee", "assigned_at"], name="conversation_last_assigned"),
            models.Index(
                fields=["channel", "attention_since", "id"],
                include=["assignee", "waiting_since", "unseen_since", "woke_at"],
                condition=Q(state="open", merged_into__isnull=True, attention_since__isnull=False),
                name="conversation_waiting",
            ),
            models.Index(
                fields=["channel", "last_message_at", "id"],
                include=["assignee"],
                condition=Q(state="open", merged_into__isnull=True, attention_since__isnull=True),
                name="conversation_answered",
            ),
            models.Index(
                fields=["channel", "snoozed_until", "id"],
                include=["assignee"],
                condition=Q(state="snoozed"),
                name="conversation_snoozed",
            ),
            models.Index(
                fields=["assignee", "snoozed_until", "id"],
                condition=Q(state="snoozed"),
                name="conversation_put_off_by",
            ),
            models.Index(
                fields=["snoozed_until"],
                condition=Q(snoozed_until__isnull=False),
                name="conversation_waking",
            ),
            models.Index(
                fields=["priority", "channel", "attention_since", "id"],
                condition=Q(state="open", merged_into__isnull=True) & ~Q(priority="normal"),
                name="conversation_open_by_priority",
            ),
            models.Index(
                fields=["returns_at"],
                condition=Q(returns_at__isnull=False),
                name="conversation_returning",
            ),
            models.Index(fields=["identity", "last_message_at"], name="conversation_by_identity"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="conversation_merged",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def calls_for_an_answer(self) -> bool:
        """Whether to close it takes an answer, or a reason why none is needed."""
        return self.waiting_since is not None or self.unseen_since is not None

    @property
    def is_unread(self) -> bool:
        """Whether somebody waits with words that came in since it was last opened or begun."""
        if self.waiting_since is None or self.read_at is None:
            return self.waiting_since is not None
        read: bool | None = getattr(self, "was_written_to", None)
        if read is None:
            return self.messages.filter(direction="inbound", received_at__gt=self.read_at).exists()
        return read

    def wrote_since(self, message_id: int) -> bool:
        """Whether the customer wrote after the newest message that somebody had seen.

        By our own ids: what matters is what had arrived when they looked.
        """
        return self.messages.filter(direction="inbound", id__gt=message_id).exists()


class ConversationTag(models.Model):
    """That a conversation bears a tag; since when and by whom, the ledger tells."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "tag"], name="conversation_tag_once")
        ]
        indexes = [models.Index(fields=["tag", "conversation"], name="conversation_by_tag")]
        triggers = [
            pgtrigger.Trigger(
                name=name,
                operation=operation,
                when=pgtrigger.After,
                func=noting(f"({_ALL_OF_IT.format(row=row)}) changed", at="at"),
            )
            for name, operation, row in (
                ("tag_put", pgtrigger.Insert, "NEW"),
                ("tag_taken", pgtrigger.Delete, "OLD"),
            )
        ]

    def __str__(self) -> str:
        return f"tag {self.tag_id} of #{self.conversation_id}"
