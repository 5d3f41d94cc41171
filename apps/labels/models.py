"""The desk's own words: tags and priorities of conversations, flags of customers.

Tags and flags are retired, never deleted: what bore one keeps it, and old figures their meaning.
"""

from django.db import models


class Colour(models.TextChoices):
    """Tokens of the look, each drawn for light and dark."""

    GREY = "grey", "Grey"
    RED = "red", "Red"
    ORANGE = "orange", "Orange"
    GREEN = "green", "Green"
    TEAL = "teal", "Teal"
    BLUE = "blue", "Blue"
    PURPLE = "purple", "Purple"
    PINK = "pink", "Pink"


class Priority(models.TextChoices):
    """How much a conversation matters; only a person says so, never how many follow somebody."""

    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"
    URGENT = "urgent", "Urgent"


class Label(models.Model):
    """A word with a colour. `key` is the name as two names are compared: whatever its case."""

    LONGEST_NAME = 40
    MOST_PRESENT = 200
    NOUN = "label"

    name = models.CharField(max_length=LONGEST_NAME)
    key = models.TextField(unique=True, editable=False)
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.GREY)
    is_retired = models.BooleanField(default=False)

    class Meta:
        abstract = True
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Tag(Label):
    """What a conversation is about, in the desk's words."""

    NOUN = "tag"


class Flag(Label):
    """What to mind about a customer, whatever they write about: VIP, please be careful."""

    MOST_PRESENT = 20
    NOUN = "flag"
