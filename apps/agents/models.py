"""People who work at the desk: users, their teams, their shifts and whether they are there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils.crypto import salted_hmac

from apps.agents.notifications import NotificationKind
from apps.common.letters import UNSETTLED, Posted

LONGEST_MINUTES = 24 * 60


class Cadence(models.TextChoices):
    """How often somebody gets the dashboard's figures by e-mail."""

    DAILY = "daily", "Every morning, of the day before"
    WEEKLY = "weekly", "Every Monday, of the week before"


HEAVIEST = 100


def minutes_field(
    default: int, help_text: str
) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """A number of minutes from 1 to a day; null switches off what it is for."""
    return models.PositiveSmallIntegerField(
        default=default,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)],
        help_text=help_text,
    )


def english() -> list[str]:
    """What a new team writes until somebody says otherwise."""
    return ["en"]


def validate_weights(weights: object) -> None:
    """Raise ValidationError unless each surface has a whole number of places from 0 to HEAVIEST."""
    numbers = weights.values() if isinstance(weights, dict) else [None]
    if not all(type(number) is int and 0 <= number <= HEAVIEST for number in numbers):
        raise ValidationError(f"Give every surface a whole number from 0 to {HEAVIEST}.")


def kinds_field(help_text: str) -> "ArrayField[list[str], list[str]]":
    """Some kinds of notification."""
    kind = models.CharField(max_length=10, choices=NotificationKind)
    return ArrayField(kind, default=list, blank=True, help_text=help_text)


class Team(models.Model):
    """A group of agents who answer for some channels."""

    class Mode(models.TextChoices):
        """How conversations find their agents."""

        PUSH = "push", "Given out on arrival"
        PULL = "pull", "Taken with Take next"
        BOTH = "both", "Given out, and Take next"

    name = models.CharField(max_length=80, unique=True)
    mode = models.CharField(max_length=4, choices=Mode, default=Mode.BOTH)
    return_minutes = minutes_field(
        10, "What the router gave goes back if its agent has not opened it for so long."
    )
    affinity_minutes = minutes_field(
        15, "Who helped a customer before is given them while this is the longest likely wait."
    )
    away_minutes = minutes_field(10, "Who touches nothing for so long counts as away.")
    languages = ArrayField(
        models.CharField(max_length=35),
        default=english,
        blank=True,
        help_text="What everybody in the team writes; other languages are looked for in people.",
    )
    weights = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_weights],
        help_text="How much of an agent's capacity a conversation takes, by surface; else 1.",
    )

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
    muted_kinds = kinds_field("What they don't want to be notified of in the console.")
    mailed_kinds = kinds_field("What they want to be notified of by e-mail too.")
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


class Membership(models.Model):
    """A user's place in a team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters over invitations."""

    def open(self) -> Self:
        """Those that were neither accepted nor taken back, expired ones too."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def decided_by(self, user: User) -> Self:
        """Those this person may send again or take back: an admin all, a manager their own."""
        return self if user.is_admin else self.filter(invited_by=user)


class Invitation(models.Model):
    """Somebody's way into the desk: opened once, by whoever holds the link of its letter.

    The link's key is kept only as its SHA-256; sending again makes another one.
    """

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=User.Role)
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    key_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    letter_at = models.DateTimeField(null=True, help_text="When the mail server took its letter.")
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["agent", "manager", "admin"]), name="invitation_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    def has_expired(self, *, at: datetime) -> bool:
        """Whether its link opens nothing any more, until it is sent again."""
        return self.expires_at <= at


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


class Digest(Posted):
    """One person's letter of figures of the days from `first` to `last`, made once.

    Nobody gets two on one day, whatever they chose in between.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="digests", db_index=False)
    cadence = models.CharField(max_length=6, choices=Cadence)
    first = models.DateField()
    last = models.DateField()
    made_on = models.DateField(help_text="The day, in the desk's zone, on which it was made.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "cadence", "first"], name="digest_once"),
            models.UniqueConstraint(fields=["user", "made_on"], name="digest_once_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=UNSETTLED), name="digest_unsettled"
            )
        ]

    def __str__(self) -> str:
        return f"{self.cadence} digest for {self.user_id}, {self.first} to {self.last}"


class Presence(models.Model):
    """Whether a person is there: what they chose, and when somebody last saw them at the desk.

    A table of its own, since the router holds locks on users while it decides.
    """

    class Standing(models.TextChoices):
        ON = "on", "On"
        AWAY = "away", "Away"
        OFF = "off", "Off"

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    chosen = models.CharField(max_length=4, choices=Standing, default=Standing.ON)
    chosen_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Written at most once a minute.")
    away_at = models.DateTimeField(
        null=True, help_text="When silence makes them away; null where it never does."
    )

    class Meta:
        indexes = [models.Index(fields=["away_at"], name="presence_by_silence")]
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen__in=["on", "away", "off"]), name="presence_chosen_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.chosen}"

    def standing(self, *, at: datetime) -> Standing:
        """On, away or off at that instant."""
        is_silent = self.away_at is not None and self.away_at <= at
        chosen = self.Standing(self.chosen)
        return self.Standing.AWAY if is_silent and chosen is self.Standing.ON else chosen
