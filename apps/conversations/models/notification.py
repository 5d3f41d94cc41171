"""Notifications: what somebody at the desk should know now, and the letters that say it outside."""

from django.db import models
from django.db.models import Q

from apps.agents.models import User
from apps.agents.notifications import NotificationKind
from apps.common.constraints import both_or_neither
from apps.common.letters import UNSETTLED, Posted
from apps.conversations.models.clock import Clock
from apps.conversations.models.conversation import Conversation
from apps.conversations.models.message import Message


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Filters over notifications."""

    def unread(self) -> "NotificationQuerySet":
        """What the console told, and nobody has looked at yet."""
        return self.filter(in_console=True, read_at__isnull=True)

    def unread_by(self, user: User) -> "NotificationQuerySet":
        """What the console told this person, and they have not looked at yet."""
        return self.unread().filter(recipient=user)

    def shown_to(self, user: User) -> "NotificationQuerySet":
        """What this person is told in the console, as far as they may still read it."""
        told = self.filter(recipient=user, in_console=True)
        if user.is_admin:  # reads everything, and alone what is of no conversation
            return told
        return told.filter(conversation__in=Conversation.objects.visible_to(user))


class Notification(models.Model):
    """One thing that one person was told, once.

    A warning and a breach are about a wait. The wait is known by its conversation and the message
    it began with, `since`, not by the row of its clock: that is derived anew, and may then stand
    elsewhere (`apps.conversations.clocks`). A mention is about a note. What is of no conversation
    is about something that admins keep, `kind` says what: its number is `about_id`, and `about` and
    `why` are its name and what happened to it, as then told. Where the person wants it only by
    e-mail, or not at all, `in_console` is false, and the row remembers that it was said.
    """

    recipient = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="notifications", db_index=False
    )
    kind = models.CharField(max_length=10, choices=NotificationKind)
    conversation = models.ForeignKey(
        Conversation,
        null=True,
        on_delete=models.PROTECT,
        related_name="notifications",
        db_index=False,
    )
    about_id = models.BigIntegerField(null=True, help_text="What it is about, of no conversation.")
    about = models.CharField(max_length=80, blank=True, help_text="The name of that.")
    why = models.CharField(max_length=300, blank=True, help_text="What happened to that.")
    clock_kind = models.CharField(max_length=14, choices=Clock.Kind, null=True)
    since = models.DateTimeField(null=True, help_text="When the wait began.")
    due_at = models.DateTimeField(null=True, help_text="When the wait was due, as then told.")
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    in_console = models.BooleanField(default=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind", "clock_kind", "since", "recipient"],
                condition=Q(clock_kind__isnull=False),
                name="notification_once_a_wait",
            ),
            models.UniqueConstraint(
                fields=["message", "kind", "recipient", "due_at"],
                condition=Q(message__isnull=False),
                nulls_distinct=False,
                name="notification_once_a_message",
            ),
            models.UniqueConstraint(
                fields=["about_id", "kind", "recipient", "at"],
                condition=Q(about_id__isnull=False),
                name="notification_once_about_it",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(conversation__isnull=True), Q(about_id__isnull=False)),
                name="notification_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(clock_kind__isnull=True), Q(since__isnull=True)),
                name="notification_of_a_wait_says_which",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-id"],
                condition=Q(in_console=True),
                name="notification_newest",
            ),
            models.Index(
                fields=["recipient", "conversation"],
                condition=Q(in_console=True, read_at__isnull=True),
                name="notification_unread",
            ),
        ]

    def __str__(self) -> str:
        where = f"#{self.conversation_id}" if self.conversation_id else f"about {self.about_id}"
        return f"{self.kind} for {self.recipient_id}, {where}"


class Letter(Posted):
    """An e-mail that says a notification (`apps.common.letters`)."""

    notification = models.OneToOneField(
        Notification, on_delete=models.PROTECT, primary_key=True, related_name="letter"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=UNSETTLED),
                name="letter_unsettled",
            )
        ]

    def __str__(self) -> str:
        return f"letter {self.pk}, {self.state}"
