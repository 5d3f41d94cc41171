"""Which facts may be inserted, and which of them first."""

from apps.agents.models import User
from apps.conversations.models import Conversation, Message, Snippet


def snippets_for(conversation: Conversation) -> list[Snippet]:
    """Return the snippets of a conversation's team and of the desk, by name.

    Of each name the variant in the customer's language comes first, then the one for all others.
    """
    newest = (
        conversation.messages.filter(direction=Message.Direction.INBOUND)
        .exclude(language="")
        .order_by("-posted_at", "-id")
        .first()
    )
    wanted = newest.language.lower() if newest else ""
    found = Snippet.objects.of(conversation.channel.team)
    return sorted(found, key=lambda snippet: (snippet.name, _distance(snippet.language, wanted)))


def kept_by(user: User) -> list[Snippet]:
    """Return the snippets this person sees under Settings: the desk's and their teams'."""
    found = Snippet.objects.select_related("team")
    if not user.is_admin:
        teams = user.teams.all()
        found = found.filter(team__in=teams) | found.filter(team__isnull=True)
    return list(found.order_by("name", "language", "team__name", "id"))


def _distance(language: str, wanted: str) -> int:
    spoken = language.lower()
    if spoken and wanted:
        if spoken == wanted:
            return 0
        if spoken.split("-")[0] == wanted.split("-")[0]:
            return 1
    return 2 if not spoken else 3
