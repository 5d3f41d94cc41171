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


class Comparison(models.Model):
    """When a channel's network was last asked what it told, and how many messages that was.

    `error` is why there was no clear answer; then `at`, `since` and `listed` are of the last one.
    """

    channel = models.OneToOneField(
        Channel, on_delete=models.PROTECT, primary_key=True, related_name="comparison"
    )
    tried_at = models.DateTimeField()
    at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    listed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"comparison of channel {self.channel_id}"


class Gap(models.Model):
    """A message that the network listed and we did not have; it was then taken in by `delivery`.

    Whether it still is a gap is whether there is a message by now.
    """

    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="gaps", db_index=False
    )
    external_id = models.CharField(max_length=500)
    posted_at = models.DateTimeField()
    found_at = models.DateTimeField()
    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="gap_once")]
        indexes = [models.Index(fields=["channel", "found_at"], name="gap_by_channel")]

    def __str__(self) -> str:
        return f"{self.external_id} of channel {self.channel_id}"
