"""Customers and their identities: who the people outside the desk are."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from apps.agents.models import User
from apps.common.constraints import both_or_neither
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
    home = models.ForeignKey(
        Customer,
        null=True,
        on_delete=models.PROTECT,
        related_name="guests",
        db_index=False,
        help_text="The customer it was born with, where it is now taken for another's.",
    )
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
        indexes = [
            models.Index(fields=["home"], condition=Q(home__isnull=False), name="identity_by_home")
        ]

    def __str__(self) -> str:
        return self.handle


class CustomerFlagQuerySet(models.QuerySet["CustomerFlag"]):
    """Filters over who bears what."""

    def of(self, customer: Customer) -> Self:
        """What a person bears: their own flags, and those of whom they were taken together with."""
        homes = Identity.objects.filter(customer=customer, home__isnull=False).values("home")
        return self.filter(Q(customer=customer) | Q(customer__in=homes))


class CustomerFlag(models.Model):
    """That a customer bears a flag; since when and by whom, the ledger tells."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False)
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, db_index=False)

    objects = CustomerFlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "flag"], name="customer_flag_once")
        ]
        indexes = [models.Index(fields=["flag", "customer"], name="customer_by_flag")]

    def __str__(self) -> str:
        return f"flag {self.flag_id} of customer {self.customer_id}"


class Match(models.Model):
    """That two identities are one person. The desk may propose it; only a person decides.

    The confirmed ones are all there is to who is whose: `apps.customers.operations` groups
    identities by them. `evidence` is a list of `{"kind", "value", "messages"}`: what was told, as
    it was spelled, and the ids of the messages where it stands, the left identity's first.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        CONFIRMED = "confirmed", "Confirmed"
        REJECTED = "rejected", "Rejected"
        PARTED = "parted", "Taken apart again"

    left = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="matches_left", db_index=False
    )
    right = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="matches_right")
    state = models.CharField(max_length=10, choices=State)
    evidence = models.JSONField(default=list)
    reason = models.CharField(max_length=300, default="")
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    parted_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    parted_at = models.DateTimeField(null=True)
    parted_because = models.CharField(max_length=300, default="")

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="match_in_order"),
            models.UniqueConstraint(
                fields=["left", "right"],
                condition=Q(state__in=["proposed", "confirmed"]),
                name="match_stands_once",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(state="proposed"), Q(decided_by__isnull=True))
                & both_or_neither(Q(decided_by__isnull=True), Q(decided_at__isnull=True)),
                name="match_decided_by_a_person",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(state="parted"), Q(parted_by__isnull=False)),
                name="match_parted_by_a_person",
            ),
        ]
        indexes = [models.Index(fields=["left", "right"], name="match_by_left")]

    def __str__(self) -> str:
        return f"{self.left_id} and {self.right_id}, {self.state}"
