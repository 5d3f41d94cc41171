"""Keeping snippets: managers their teams', admins the whole desk's."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from apps.agents.models import Team, User
from apps.common.errors import DeskError, sentence
from apps.conversations.facts import why_no_fact
from apps.conversations.models import Snippet
from apps.ledger.recording import Entry, record


@transaction.atomic
def save_snippet(*, snippet: Snippet, by: User, at: datetime) -> None:
    """Store a snippet, new or changed; raises DeskError where it is none, or not theirs."""
    _require_keeper(snippet, by)
    if obstacle := why_no_fact(snippet.text):
        raise DeskError(obstacle)
    try:
        snippet.full_clean()
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    snippet.save()
    _record("snippet_saved", snippet, by=by, at=at)


@transaction.atomic
def delete_snippet(*, snippet: Snippet, by: User, at: datetime) -> None:
    """Take a snippet away; replies that were sent with it stay as they are."""
    _require_keeper(snippet, by)
    _record("snippet_deleted", snippet, by=by, at=at)
    snippet.delete()


def count_uses(*, text: str, team: Team, at: datetime) -> None:
    """Count every snippet whose fact stands in a text that goes out, word for word."""
    used = [snippet.pk for snippet in Snippet.objects.of(team) if snippet.text in text]
    if used:
        Snippet.objects.filter(id__in=used).update(uses=F("uses") + 1, last_used_at=at)


def may_keep(user: User, team: Team | None) -> bool:
    """Whether they decide about the snippets of a team, or without one of the desk."""
    return user.is_admin if team is None else user.manages(team)


def _require_keeper(snippet: Snippet, by: User) -> None:
    if not may_keep(by, snippet.team):
        raise DeskError("Managers keep their teams' snippets, admins the whole desk's.")


def _record(kind: str, snippet: Snippet, *, by: User, at: datetime) -> None:
    data: dict[str, object] = {"snippet": snippet.pk, "name": snippet.name}
    record([Entry(kind=kind, by_id=by.pk, team_id=snippet.team_id, data=data)], at=at)
