"""Customers and their identities: who the people outside the desk are."""

from django.db import models


class Customer(models.Model):
    """A person outside the desk; `name` is what a colleague chose to call them, if any did."""

    name = models.TextField(default="")
    first_seen_at = models.DateTimeField(help_text="posted_at of their earliest message.")

    def __str__(self) -> str:
        return self.name or f"customer {self.pk}"


class Identity(models.Model):
    """A customer's handle on one network."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    network = models.CharField(max_length=20)
    external_id = models.CharField(max_length=500)
    handle = models.TextField()
    name = models.TextField()
    named_at = models.DateTimeField(help_text="posted_at of the message that named them so.")

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["network", "external_id"], name="identity_once")
        ]

    def __str__(self) -> str:
        return self.handle
