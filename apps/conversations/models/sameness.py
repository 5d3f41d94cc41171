"""How personal the desk's replies are: what finds a wording again, how near each reply came."""

from django.db import models
from django.db.models import Q

from apps.channels.models import Channel
from apps.conversations.models.message import Message


class Wording(models.Model):
    """One canonical text (`apps.conversations.sameness`) that the desk said in the last 30 days."""

    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    last_said_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_said_at"], name="wording_last_said")]

    def __str__(self) -> str:
        return f"wording {self.pk}"


class Band(models.Model):
    """One of a wording's MinHash bands; wordings that share some are probably alike."""

    pk = models.CompositePrimaryKey("key", "wording_id")
    key = models.BigIntegerField()
    wording = models.ForeignKey(
        Wording,
        on_delete=models.DO_NOTHING,
        related_name="bands",
        db_index=False,
        db_constraint=False,  # its check would search the whole table; both go together
    )

    def __str__(self) -> str:
        return f"band of wording {self.wording_id}"


class Likeness(models.Model):
    """How near one reply came, when it was sent, to what the desk had said in the 30 days before.

    Until the reply is sent, `said_at` is null. `nearest` stays null for a reply without words.
    """

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="likeness"
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, db_index=False)
    wording = models.ForeignKey(
        Wording, null=True, on_delete=models.SET_NULL, related_name="replies", db_index=False
    )
    said_at = models.DateTimeField(null=True)
    nearest = models.FloatField(null=True, help_text="Jaccard of word 3-shingles, from 0 to 1.")
    asked_again = models.BooleanField(
        null=True,
        help_text="Whether it asked for what the customer had told before; null if nobody looked.",
    )

    class Meta:
        verbose_name_plural = "likenesses"
        constraints = [
            models.CheckConstraint(
                condition=Q(nearest__isnull=True) | Q(nearest__gte=0, nearest__lte=1),
                name="likeness_from_0_to_1",
            )
        ]
        indexes = [
            models.Index(
                fields=["wording", "-said_at"],
                condition=Q(wording__isnull=False),
                name="likeness_by_wording",
            ),
            models.Index(
                fields=["message"], condition=Q(said_at__isnull=True), name="likeness_awaited"
            ),
            models.Index(
                fields=["said_at", "channel"],
                include=["nearest", "asked_again"],
                condition=Q(said_at__isnull=False),
                name="likeness_by_time",
            ),
        ]

    def __str__(self) -> str:
        return f"likeness of message {self.message_id}"


class LikenessProgress(models.Model):
    """Up to which message replies have been noticed: one row."""

    noticed_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"noticed up to {self.noticed_to}"
