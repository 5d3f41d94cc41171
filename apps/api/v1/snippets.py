"""Snippets: the facts that replies need again and again."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Team
from apps.agents.programs import MANAGE
from apps.api.fields import Id, one_of
from apps.api.single import Single
from apps.conversations.models import Snippet
from apps.conversations.models.snippet import LONGEST_SNIPPET
from apps.conversations.operations.snippets import delete_snippet, save_snippet


class SnippetSerializer(serializers.ModelSerializer[Snippet]):
    """A fact, inserted into a reply by `;` and its name; without a team it is the whole desk's."""

    class Meta:
        model = Snippet
        fields = ["id", "team", "name", "language", "text", "uses", "last_used_at"]


class FactSerializer(serializers.Serializer[Any]):
    """A fact, its name, its language (empty: for all others), and whose it is."""

    team = Id(required=False, allow_null=True, default=None)
    name = serializers.CharField(max_length=40)
    language = serializers.CharField(max_length=35, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=LONGEST_SNIPPET)


class Snippets(ListModelMixin, Single[Snippet]):
    """The desk's snippets and those of the caller's teams."""

    serializer_class = SnippetSerializer
    queryset = Snippet.objects.none()
    scope = MANAGE

    def get_queryset(self) -> QuerySet[Snippet]:
        """Return those this person sees under Settings."""
        if self.user.is_admin:
            return Snippet.objects.all()
        own = Q(team__isnull=True) | Q(team__in=self.user.teams.all())
        return Snippet.objects.filter(own)

    @extend_schema(request=FactSerializer, responses={201: SnippetSerializer})
    def create(self, request: Request) -> Response:
        """Add one to a team or, as an admin, to the whole desk."""
        return self.made(lambda: self._save(Snippet()))

    @extend_schema(request=FactSerializer, responses=SnippetSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change one; replies that were sent with it stay as they are."""
        return self.decided(pk, self._save)

    def destroy(self, request: Request, pk: str) -> Response:
        """Take one away."""
        return self.gone(
            pk, lambda snippet: delete_snippet(snippet=snippet, by=self.user, at=timezone.now())
        )

    def _save(self, snippet: Snippet) -> Snippet:
        said = self.said(FactSerializer, partial=snippet.pk is not None)
        if said.get("team") is not None:
            said["team"] = one_of(Team.objects.all(), said["team"], field="team")
        for name, value in said.items():
            setattr(snippet, name, value)
        save_snippet(snippet=snippet, by=self.user, at=timezone.now())
        return snippet
