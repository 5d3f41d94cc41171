"""What a person has written so far, kept on the server; nothing is sent by it."""

from datetime import datetime
from functools import partial

from django.db import transaction

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.common.text import storable
from apps.conversations.models import Conversation, Draft
from apps.conversations.operations import assigning
from apps.conversations.splitting import MOST_PARTS, joined, split
from apps.ledger.recording import nudge


@transaction.atomic
def save_draft(
    *, conversation: Conversation, text: str, by: User, at: datetime, page: str = ""
) -> None:
    """Keep what this person has written so far; an empty text forgets it.

    Their other pages are nudged to look; `page` is the one that need not.
    """
    where = conversation.merged_into_id or conversation.pk
    if text.strip():
        Draft.objects.update_or_create(
            user=by,
            conversation_id=where,
            defaults={"text": storable(text), "updated_at": at},
        )
        if conversation.is_unread:
            assigning.note_read(conversation=conversation, by=by, at=at)
    else:
        Draft.objects.filter(user=by, conversation=where).delete()
    told = {"user": by.pk, "conversation": where, "page": page}
    team_id = conversation.channel.team_id
    transaction.on_commit(partial(nudge, kind="draft", team_id=team_id, data=told))


def split_draft(*, conversation: Conversation, text: str, by: User, at: datetime) -> None:
    """Cut a draft into numbered parts that the network takes; nothing is sent by that."""
    connector = conversation.channel.connector
    if connector.text_limit is None:
        raise DeskError(f"{connector.label} takes a text of any length: there is nothing to split.")
    parts = split(text, limit=connector.text_limit, length=connector.measure)
    if connector.measure(parts[0]) > connector.text_limit:
        raise DeskError(f"It would take more than {MOST_PARTS} parts. Shorten it, or link to more.")
    save_draft(conversation=conversation, text=joined(parts), by=by, at=at)
