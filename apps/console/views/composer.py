"""What the composer shows."""

from datetime import datetime
from secrets import token_hex

from django.db.models import Subquery

from apps.agents.models import User
from apps.conversations.models import Conversation, Draft
from apps.conversations.models.attachment import as_shown
from apps.conversations.operations import attaching, sendable
from apps.conversations.splitting import CUT


def composer_context(conversation: Conversation, user: User, *, now: datetime) -> dict[str, object]:
    """Return this person's draft, and which message it would answer or why none can be."""
    draft = Draft.objects.filter(conversation=conversation, user=user).values("text")
    pictures = as_shown(attaching.pictures_of_draft(conversation, user))
    theirs = sendable.answered_first(conversation).annotate(
        draft=Subquery(draft[:1]), drafted_pictures=pictures
    )
    answered = theirs.first()
    return {
        "answered": answered,
        "obstacle": sendable.obstacle(conversation, answered, at=now),
        "draft": (answered and answered.draft) or "",
        "pictures": answered.drafted_pictures if answered else [],
        "once": token_hex(16),
        "cut": CUT,
    }
