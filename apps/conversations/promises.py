"""What was promised to a batch of conversations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from apps.common import sets
from apps.conversations.marks import NOTHING_SAID, Said, hold_customers, said_about
from apps.sla.episodes import Kind, Moment, Promise, PromiseAt, Span
from apps.sla.promises import NO_MARKS, Book, Terms, promised
from apps.sla.queries import book


@dataclass(frozen=True, slots=True)
class Where:
    """The channel of a conversation, the team that answers it, and with whom it is."""

    channel_id: int
    team_id: int
    identity_id: int


class Promises:
    """Reads the policies, and where these conversations are, once and when first asked.

    Without any policy that is one statement, and only where a wait opens. Where the `new` ones are
    is told: they aren't written yet. So are `policies` that were asked for already.
    """

    def __init__(
        self,
        conversation_ids: Collection[int],
        *,
        new: Mapping[int, Where],
        policies: sets.Sent | None = None,
    ) -> None:
        self._conversation_ids = conversation_ids
        self._new = new
        self._policies = policies
        self._matches: dict[tuple[int, Moment], Terms | None] = {}

    def of(self, conversation_id: int) -> PromiseAt:
        """Return what `episodes` asks when a wait of this conversation opens."""

        def promise_at(kind: Kind, opening: Moment) -> Promise | None:
            terms = self._match(conversation_id, opening) if self._book.policies else None
            return None if terms is None else promised(terms, kind, opening)

        return promise_at

    def desk_seconds(
        self,
        start: datetime,
        end: datetime,
        calendar_version_id: int | None,
        pauses: Sequence[Span] = (),
    ) -> int:
        """Count the whole seconds of a wait within the open hours of its calendar, pauses aside."""
        known = self._book if calendar_version_id else Book()
        return known.desk_seconds(start, end, calendar_version_id, pauses)

    def put_off(self, instant: datetime, pause: Span, calendar_version_id: int | None) -> datetime:
        """Say until when a pause moves what was due; what `episodes` asks when one ends."""
        known = self._book if calendar_version_id else Book()
        return known.put_off(instant, pause, calendar_version_id)

    def _match(self, conversation_id: int, opening: Moment) -> Terms | None:
        """A contact and its first wait open with one message: one match for both."""
        key = (conversation_id, opening)
        if key not in self._matches:
            where = self._new.get(conversation_id) or self._written[conversation_id]
            marks = NO_MARKS
            if self._book.heeds_marks:
                marks = self._said.get(conversation_id, NOTHING_SAID).marks_at(opening)
            self._matches[key] = self._book.match(
                opening, channel_id=where.channel_id, team_id=where.team_id, marks=marks
            )
        return self._matches[key]

    @cached_property
    def _book(self) -> Book:
        return book(self._policies)

    def channel_id(self, conversation_id: int) -> int | None:
        """Return the channel of a new conversation; of one that is written its row tells."""
        where = self._new.get(conversation_id)
        return None if where is None else where.channel_id

    @cached_property
    def _said(self) -> dict[int, Said]:
        """No word about their customers comes in between this reading and what follows from it."""
        all_of_them = {**self._written, **self._new}
        identities = {i: where.identity_id for i, where in all_of_them.items()}
        hold_customers(identities.values())
        return said_about(identities)

    @cached_property
    def _written(self) -> dict[int, Where]:
        rows = sets.execute(
            """
            SELECT conversation.id, channel.id, channel.team_id, conversation.identity_id
            FROM conversations_conversation conversation
            JOIN channels_channel channel ON channel.id = conversation.channel_id
            WHERE conversation.id = ANY(%b::bigint[])
            """,
            list(self._conversation_ids),
        )
        return {row[0]: Where(*row[1:]) for row in rows}
