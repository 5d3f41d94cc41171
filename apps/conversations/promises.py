"""What was promised to a batch of conversations."""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property

from apps.conversations.models import Conversation
from apps.sla.episodes import Kind, Moment, Promise, PromiseAt
from apps.sla.promises import Book, Terms, promised
from apps.sla.queries import book


class Promises:
    """Reads the policies, and where these conversations are, once and when first asked.

    Without any policy that is one statement, and only where a wait opens.
    """

    def __init__(self, conversation_ids: Collection[int]) -> None:
        self._conversation_ids = conversation_ids
        self._matches: dict[tuple[int, Moment], Terms | None] = {}

    def of(self, conversation_id: int) -> PromiseAt:
        """Return what `episodes` asks when a wait of this conversation opens."""

        def promise_at(kind: Kind, opening: Moment) -> Promise | None:
            terms = self._match(conversation_id, opening) if self._book.policies else None
            return None if terms is None else promised(terms, kind, opening)

        return promise_at

    def desk_seconds(self, start: datetime, end: datetime, calendar_version_id: int | None) -> int:
        """Count the whole seconds of a wait within the open hours of its calendar."""
        known = self._book if calendar_version_id else Book()
        return known.desk_seconds(start, end, calendar_version_id)

    def _match(self, conversation_id: int, opening: Moment) -> Terms | None:
        """A contact and its first wait open with one message: one match for both."""
        key = (conversation_id, opening)
        if key not in self._matches:
            channel_id, team_id = self._places[conversation_id]
            self._matches[key] = self._book.match(opening, channel_id=channel_id, team_id=team_id)
        return self._matches[key]

    @cached_property
    def _book(self) -> Book:
        return book()

    @cached_property
    def _places(self) -> dict[int, tuple[int, int]]:
        rows = Conversation.objects.filter(id__in=self._conversation_ids)
        return {
            conversation_id: (channel_id, team_id)
            for conversation_id, channel_id, team_id in rows.values_list(
                "id", "channel_id", "channel__team_id"
            )
        }
