"""Customers and their identities: who the people outside the desk are."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from apps.common.words import Words
from apps.labels.models import Flag


class Customer(models.Model):
    """A person outside the desk; `name` is what a colleague chose to call them, if any did."""

    name = models.TextField(default="")
    first_seen_at = models.DateTimeField(help_text="posted_at of their earliest message.")
    flags = models.ManyToManyField(Flag, through="CustomerFlag", related_name="customers")

    class Meta:
        indexes = [GinIndex(Words("name"), condition=~Q(name=""), name="customer_words")]

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


class CustomerFlag(models.Model):
    """That a customer bears a flag; since when and by whom, the ledger tells."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False)
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "flag"], name="customer_flag_once")
        ]
        indexes = [models.Index(fields=["flag", "customer"], name="customer_by_flag")]

    def __str__(self) -> str:
        return f"flag {self.flag_id} of customer {self.customer_id}"
