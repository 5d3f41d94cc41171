"""Who outside is told of events, and how each telling fares."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.agents.models import Team, User
from apps.channels.credentials import EncryptedTextField
from apps.common.constraints import both_or_neither
from apps.ledger.models import Event

# How long after each attempt the next one follows; after the last, the endpoint is given up.
PAUSES = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
]


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Filters over subscriptions."""

    def callable_at(self, at: datetime) -> Self:
        """Those that may be called at that instant: switched on, and not at rest."""
        return self.filter(Q(rests_until__isnull=True) | Q(rests_until__lte=at), is_on=True)


class Subscription(models.Model):
    """An endpoint that is told of some kinds of events, of some teams or of all."""

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=2000)
    kinds = ArrayField(models.CharField(max_length=40))
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    is_on = models.BooleanField(default=True)
    is_failed = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The desk itself switched it off: admins are told.",
    )
    off_because = models.CharField(max_length=300, default="", blank=True)
    secret = EncryptedTextField()
    previous_secret = EncryptedTextField(default="", blank=True)
    previous_until = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(
        null=True, help_text="Until when it is left alone, since it did not answer in time."
    )
    last_taken_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=both_or_neither(Q(previous_secret=""), Q(previous_until__isnull=True)),
                name="subscription_rotates_for_a_while",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, at: datetime) -> list[str]:
        """Secrets that sign at that instant: two while one is being replaced."""
        is_rotating = self.previous_until is not None and at < self.previous_until
        return [self.secret, self.previous_secret] if is_rotating else [self.secret]


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    """Filters over dispatches."""

    def due(self, *, at: datetime) -> Self:
        """Those to be tried at that instant, the longest due first."""
        return self.filter(state=Dispatch.State.WAITING, next_at__lte=at).order_by("next_at", "id")


class Dispatch(models.Model):
    """One event on its way to one subscription, and the log of it.

    `history` has an entry for each finished attempt: `at`, `ms`, `status` (null if nothing was
    answered) and `said`, the beginning of the answer or why there is none.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        TAKEN = "taken", "Taken"
        GIVEN_UP = "given_up", "Given up"

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="dispatches", db_index=False
    )
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it was last due.")
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    history = models.JSONField(default=list)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "dispatches"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "event"], name="dispatch_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "taken", "given_up"]),
                name="dispatch_state_known",
            ),
            models.CheckConstraint(
                condition=both_or_neither(Q(state="waiting"), Q(next_at__isnull=False)),
                name="dispatch_waiting_is_due_some_time",
            ),
        ]
        indexes = [
            models.Index(
                "subscription",
                "next_at",
                "id",
                condition=Q(state="waiting"),
                name="dispatch_waiting",
            ),
            models.Index("subscription", F("id").desc(), name="dispatch_newest"),
            models.Index(
                "subscription",
                F("id").desc(),
                condition=Q(state="given_up"),
                name="dispatch_given_up",
            ),
            models.Index("created_at", name="dispatch_by_age"),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} to subscription {self.subscription_id}"

    @property
    def webhook_id(self) -> str:
        """The same for every attempt at this telling, and for no other one."""
        return f"evt_{self.event_id}_{self.subscription_id}"

    @property
    def pause(self) -> timedelta | None:
        """How long after its last attempt the next one follows; None after the last of all."""
        return PAUSES[self.attempts - 1] if self.attempts <= len(PAUSES) else None
