"""Snippets: facts that answers need again and again, never whole answers."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.agents.models import Team

LONGEST_SNIPPET = 280


class SnippetQuerySet(models.QuerySet["Snippet"]):
    """Filters over snippets."""

    def of(self, team: Team) -> "SnippetQuerySet":
        """What a team's people may insert: its own and the whole desk's."""
        return self.filter(Q(team=team) | Q(team__isnull=True))


class Snippet(models.Model):
    """An address, a link or steps, inserted into a reply by `;` and its name.

    The same name may have a variant in each language; an empty language is for all others.
    """

    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="snippets"
    )
    name = models.CharField(
        max_length=40,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9-]*\Z",
                "Name it in small letters, digits and hyphens: return-address.",
            )
        ],
    )
    language = models.CharField(max_length=35, blank=True, default="")
    text = models.TextField()
    uses = models.PositiveIntegerField(default=0, help_text="Replies that were sent with it.")
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = SnippetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name", "language"],
                nulls_distinct=False,
                name="snippet_once",
                violation_error_message="There is one of this name in this language already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})" if self.language else self.name
