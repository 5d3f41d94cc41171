"""What networks handed us, kept before anything else happens."""

from django.db import models
from django.db.models import Q

from apps.channels.models import Channel


class Delivery(models.Model):
    """One raw thing a network handed us, byte for byte."""

    # A constraint would lock the channel's row for every delivery, and a storm would queue up for
    # that lock. The door admits only channels that exist, and PROTECT keeps those that were heard.
    channel = models.ForeignKey(
        Channel,
        on_delete=models.PROTECT,
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
    )
    body = models.BinaryField()
    received_at = models.DateTimeField()
    drained_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["id"], condition=Q(drained_at__isnull=True), name="delivery_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} for channel {self.channel_id}"


class SetAside(models.Model):
    """One item of a delivery that could not be taken in, and why; a person may retry it.

    `retry_at` is set where the desk itself tries again: an echo of a reply still in flight.
    """

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", "Could not be read"
        REFUSED = "refused", "Refused by the database"
        ECHO = "echo", "Waits for a reply in flight"

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="set_aside")
    position = models.PositiveIntegerField(help_text="Which item of the delivery, from 0.")
    reason = models.CharField(max_length=10, choices=Reason)
    error = models.TextField()
    at = models.DateTimeField()
    retry_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "set aside"
        constraints = [
            models.UniqueConstraint(fields=["delivery", "position"], name="set_aside_once")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(settled_at__isnull=True), name="set_aside_unsettled"
            )
        ]

    def __str__(self) -> str:
        return f"item {self.position} of delivery {self.delivery_id}"
