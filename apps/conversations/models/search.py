"""What search knows of each message: its words, held beside it so that receiving is not slowed.

A trigger notes every message that is stored or whose text changes; a sweep takes its words from the
row, which stays the truth. What is noted and not taken yet is searched in the rows themselves.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from apps.channels.models import Channel
from apps.conversations.models.message import Message


class SearchEntry(models.Model):
    """The words of one message, its author's name and handle, and the stretches its id stands in.

    No constraints: to check them would lock a row of the messages for every entry.
    """

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    direction = models.CharField(max_length=8)
    words = SearchVectorField()

    class Meta:
        verbose_name_plural = "search entries"
        indexes = [GinIndex(fields=["words"], name="search_entry_words")]

    def __str__(self) -> str:
        return f"words of message {self.message_id}"


class Unsearched(models.Model):
    """A message whose words are not held yet, or have changed since."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name_plural = "unsearched"

    def __str__(self) -> str:
        return f"message {self.message_id}"
