"""Teams, and how conversations find their agents in each."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

LONGEST_MINUTES = 24 * 60
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


class Membership(models.Model):
    """A user's place in a team."""

    user = models.ForeignKey("agents.User", on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"
