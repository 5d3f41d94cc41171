"""Threads: the network's own reply trees."""

from django.db import models

from apps.channels.models import Channel


class Thread(models.Model):
    """One reply tree on one channel, or one identity's direct messages.

    `thread_key` is the first id of the tree in id order, placeholders included (threads.md).
    """

    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="threads", db_index=False
    )
    thread_key = models.CharField(max_length=600)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "thread_key"], name="thread_key_once")
        ]

    def __str__(self) -> str:
        return self.thread_key


class Placeholder(models.Model):
    """A parent that was named but never received; its children still belong together."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=500)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="placeholders")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="placeholder_once")
        ]

    def __str__(self) -> str:
        return self.external_id


class Removal(models.Model):
    """A network told that this message was deleted there, maybe before telling the message."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=500)
    deleted_at = models.DateTimeField(help_text="The earliest instant that was told.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="removal_once")
        ]

    def __str__(self) -> str:
        return self.external_id
