"""Drafts: texts being written. A draft never becomes a message by itself."""

from django.db import models

from apps.agents.models import User
from apps.conversations.models.conversation import Conversation


class Draft(models.Model):
    """What one person has written so far to one conversation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "conversation"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.user_id} to #{self.conversation_id}"
