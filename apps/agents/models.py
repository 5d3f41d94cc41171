"""People who work at the desk: users, their teams, and when they mean to be on."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower


class Team(models.Model):
    """A group of agents who answer for some channels."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserQuerySet(models.QuerySet["User"]):
    """Filters over the people of the desk."""

    def on_shift(self, *, at: datetime) -> Self:
        """Active people who mean to be on at that instant."""
        shifts = Shift.objects.filter(user_id=OuterRef("id"), starts_at__lte=at).filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        )
        return self.filter(Exists(shifts), is_active=True)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates people with a sign-in address and a password."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Create a person; without a password they cannot sign in."""
        user: User = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by sign-in address in any case."""
        found: User = self.get(email__iexact=username)
        return found


class User(AbstractBaseUser):
    """A person who works at the desk."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        MANAGER = "manager", "Manager"
        ADMIN = "admin", "Admin"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=Role, default=Role.AGENT)
    is_active = models.BooleanField(default=True)
    initials = models.CharField(max_length=4, help_text="Signs replies, as in ^AB.")
    teams = models.ManyToManyField(Team, through="Membership", related_name="users")
    capacity = models.PositiveSmallIntegerField(
        default=6, validators=[MinValueValidator(0), MaxValueValidator(500)]
    )
    undo_seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.CheckConstraint(
                condition=Q(role__in=["agent", "manager", "admin"]), name="user_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """The name colleagues call them by."""
        return self.name.split(" ", 1)[0]

    @property
    def signature(self) -> str:
        """What ends a reply, so that the customer knows who wrote: ^AB."""
        return f"^{self.initials}"

    @property
    def is_admin(self) -> bool:
        """Admins see and may do everything."""
        return self.role == self.Role.ADMIN

    @property
    def leads(self) -> bool:
        """Managers and admins see the dashboard of more than themselves."""
        return self.role in {self.Role.MANAGER, self.Role.ADMIN}


class Membership(models.Model):
    """A user's place in a team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Shift(models.Model):
    """When an agent means to be on; without an end, until further notice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "starts_at"], name="shift_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="shift_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.starts_at:%Y-%m-%d %H:%M}"
