"""Customers and their identities: who the people outside the desk are."""

from django.db import models


class Customer(models.Model):
    """A person outside the desk."""

    name = models.TextField()
    first_seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["first_seen_at", "id"], name="customer_by_first_seen")]

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """A customer's handle on one network."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    network = models.CharField(max_length=20)
    external_id = models.CharField(max_length=500)
    handle = models.TextField()
    name = models.TextField()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["network", "external_id"], name="identity_once")
        ]

    def __str__(self) -> str:
        return self.handle
