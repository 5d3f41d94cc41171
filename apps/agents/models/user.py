"""Users: the people who work at the desk, what they may and what they chose."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils.crypto import salted_hmac

from apps.agents.models.digest import Cadence
from apps.agents.models.presence import Presence
from apps.agents.models.shift import Shift
from apps.agents.models.team import Membership, Team
from apps.agents.notifications import NotificationKind, mailed_at_first


def kinds_field(
    help_text: str, *, default: Callable[[], list[str]]
) -> "ArrayField[list[str], list[str]]":
    """Some kinds of notification."""
    kind = models.CharField(max_length=10, choices=NotificationKind)
    return ArrayField(kind, default=default, blank=True, help_text=help_text)


class UserQuerySet(models.QuerySet["User"]):
    """Filters over the people of the desk."""

    def on_shift(self, *, at: datetime) -> Self:
        """Active people who mean to be on at that instant."""
        shifts = Shift.objects.filter(user_id=OuterRef("id"), starts_at__lte=at).filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        )
        return self.filter(Exists(shifts), is_active=True)

    def colleagues_of(self, user: "User") -> Self:
        """Everybody for an admin; else whoever shares a team and works here, and oneself."""
        if user.is_admin:
            return self
        shared = Membership.objects.filter(team__in=user.teams.all()).values("user")
        return self.filter(Q(id__in=shared, is_active=True) | Q(id=user.pk))

    def let_in(self) -> Self:
        """Whoever works here and owes no second factor."""
        own = Authenticator.objects.filter(user=OuterRef("id")).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        owing = Q(role__in=settings.SECOND_FACTOR_ROLES) & ~Exists(own)
        return self.filter(~owing, is_active=True)

    def with_standing(self, *, at: datetime) -> Self:
        """Annotate `standing`: on, away or off at that instant; who never came is off."""
        standing = Presence.objects.filter(user=OuterRef("id")).values(
            standing=Case(
                When(away_at__lte=at, chosen=Presence.Standing.ON, then=Value("away")),
                default=F("chosen"),
            )
        )
        return self.annotate(standing=Coalesce(Subquery(standing), Value("off")))

    def at_work(self, *, at: datetime) -> Self:
        """People on shift who are there: to whom the router may give work."""
        return self.on_shift(at=at).filter(
            Q(presence__away_at__isnull=True) | Q(presence__away_at__gt=at),
            presence__chosen=Presence.Standing.ON,
        )


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

    class Theme(models.TextChoices):
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=Role, default=Role.AGENT)
    is_active = models.BooleanField(default=True)
    initials = models.CharField(max_length=4, help_text="Signs replies, as in ^AB.")
    teams = models.ManyToManyField(Team, through="Membership", related_name="users")
    capacity = models.PositiveSmallIntegerField(
        default=6, validators=[MinValueValidator(0), MaxValueValidator(500)]
    )
    languages = ArrayField(
        models.CharField(max_length=35),
        default=list,
        blank=True,
        help_text="What they write besides what their teams do: de, pt-BR.",
    )
    skills = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="What channels may require.",
    )
    undo_seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(30)]
    )
    theme = models.CharField(
        max_length=5, choices=Theme, blank=True, help_text="Empty: as their system says."
    )
    muted_kinds = kinds_field(
        "What they don't want to be notified of in the console.", default=list
    )
    mailed_kinds = kinds_field(
        "What they want to be notified of by e-mail too.", default=mailed_at_first
    )
    digest = models.CharField(
        max_length=6, choices=Cadence, blank=True, help_text="Empty: no letter of figures."
    )
    session_round = models.PositiveIntegerField(
        default=0, help_text="Raised to end all of their sessions at once."
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

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must hold to be theirs: another password or another round ends it."""
        value = f"{self.password}:{self.session_round}"
        return salted_hmac("agents.User.session", value, secret, algorithm="sha256").hexdigest()

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

    @property
    def owes_second_factor(self) -> bool:
        """Whether they have to set one up before they reach anything else."""
        if self.role not in settings.SECOND_FACTOR_ROLES:
            return False
        read: bool | None = getattr(self, "is_let_in", None)
        return not (User.objects.let_in().filter(id=self.pk).exists() if read is None else read)

    @property
    def team_ids(self) -> "Sequence[int] | QuerySet[Membership, Any]":
        """The ids of their teams: those read together with them, else a question for them."""
        read: list[int] | None = getattr(self, "read_team_ids", None)
        return Membership.objects.filter(user=self.pk).values("team") if read is None else read

    @property
    def known_presence(self) -> "Presence | None":
        """Their presence; None for who never came."""
        return getattr(self, "presence", None)

    def standing(self, *, at: datetime) -> "Presence.Standing":
        """On, away or off at that instant; who never came is off."""
        known = self.known_presence
        return Presence.Standing.OFF if known is None else known.standing(at=at)

    def manages(self, team: Team) -> bool:
        """Whether they decide how a team works: an admin, or a manager in it."""
        in_it = self.role == self.Role.MANAGER and self.teams.filter(id=team.pk).exists()
        return self.is_admin or in_it

    def may_invite(self, *, role: str, teams: "Iterable[Team]") -> bool:
        """Whether they may bring in somebody with that role and those teams.

        An admin may; a manager brings agents into teams of theirs.
        """
        if self.is_admin:
            return self.is_active
        wanted = {team.pk for team in teams}
        theirs = set(self.teams.values_list("id", flat=True))
        is_theirs = role == self.Role.AGENT and bool(wanted) and wanted <= theirs
        return self.is_active and self.role == self.Role.MANAGER and is_theirs

    def manages_person(self, other: "User") -> bool:
        """Whether they decide what another is given: an admin, or a manager of one of their teams.

        A manager decides about agents and about themselves.
        """
        if self.is_admin:
            return True
        is_theirs = other.role == self.Role.AGENT or other.pk == self.pk
        in_a_team = Membership.objects.filter(user=other, team__in=self.teams.all()).exists()
        return self.role == self.Role.MANAGER and is_theirs and in_a_team
