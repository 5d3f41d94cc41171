"""Stored waits judged anew by another book: their opening messages are found again."""

from collections.abc import Collection
from datetime import datetime

from apps.common import sets
from apps.conversations.marks import NOTHING_SAID, Said, said_about
from apps.conversations.models import Clock, Conversation
from apps.conversations.models.message import SILENT_SURFACES
from apps.conversations.timelines import timelines
from apps.sla.episodes import Kind, Moment, Promise, Span, Step, episodes, id_order
from apps.sla.promises import NO_MARKS, Book, Terms, promised

Opening = tuple[int, datetime]


class Judge:
    """Says what a book would have promised for these waits; it reads all of them at once."""

    def __init__(self, book: Book, clocks: Collection[Clock]) -> None:
        self._book = book
        self._openings = openings_of({(c.conversation_id, c.started_at) for c in clocks})
        self._said = _said_of(clocks) if book.heeds_marks else {}
        self._pauses = _pauses_of({c.conversation_id for c in clocks if c.paused_seconds})
        self._matches: dict[Opening, Terms | None] = {}

    def knows(self, clock: Clock) -> bool:
        """Whether its opening is still there; it may have moved since the clocks were read."""
        return (clock.conversation_id, clock.started_at) in self._openings

    def of(self, clock: Clock) -> tuple[Terms | None, datetime | None]:
        """Return which policy fits, and until when it promises; `clock.channel` is at hand.

        Ended pauses move it, as they do in `episodes`.
        """
        opened = (clock.conversation_id, clock.started_at)
        opening = self._openings[opened]
        if opened not in self._matches:
            self._matches[opened] = self._match(clock, opening)
        terms = self._matches[opened]
        if terms is None:
            return None, None
        return terms, self._moved(clock, promised(terms, Kind(clock.kind), opening))

    def _moved(self, clock: Clock, promise: Promise) -> datetime | None:
        due_at = promise.due_at
        for pause in self._pauses.get((clock.conversation_id, clock.started_at), ()):
            if clock.kind == Kind.RESOLUTION and due_at is not None and due_at > pause[0]:
                due_at = self._book.put_off(due_at, pause, promise.calendar_version_id)
        return due_at

    def _match(self, clock: Clock, opening: Moment) -> Terms | None:
        marks = NO_MARKS
        if self._book.heeds_marks:
            marks = self._said.get(clock.conversation_id, NOTHING_SAID).marks_at(opening)
        return self._book.match(
            opening, channel_id=clock.channel_id, team_id=clock.channel.team_id, marks=marks
        )


def _said_of(clocks: Collection[Clock]) -> dict[int, Said]:
    talks = Conversation.objects.filter(id__in={clock.conversation_id for clock in clocks})
    return said_about(dict(talks.values_list("id", "identity_id")))


def _pauses_of(conversation_ids: Collection[int]) -> dict[Opening, tuple[Span, ...]]:
    """Return the ended pauses of each resolution of these conversations."""
    return {
        (conversation_id, episode.started_at): episode.pauses
        for conversation_id, moments in timelines(sorted(conversation_ids)).items()
        for episode in episodes(moments)
        if episode.kind is Kind.RESOLUTION
    }


def openings_of(wanted: Collection[Opening]) -> dict[Opening, Moment]:
    """Return the messages that opened waits: of several of one instant the first, as `episodes`."""
    rows = sets.execute(
        """
        SELECT message.conversation_id, message.posted_at, message.external_id, message.surface,
               message.received_at
        FROM unnest(%b::bigint[], %b::timestamptz[]) AS wanted(conversation_id, posted_at)
        JOIN conversations_message message USING (conversation_id, posted_at)
        WHERE message.direction = 'inbound' AND message.surface <> ALL(%b::text[])
        """,
        [conversation_id for conversation_id, _ in wanted],
        [posted_at for _, posted_at in wanted],
        list(SILENT_SURFACES),
    )
    found: dict[Opening, Moment] = {}
    for conversation_id, at, external_id, surface, received_at in rows:
        moment = Moment(
            at, Step.ASKED, id_order(external_id), surface=surface, received_at=received_at
        )
        first = found.get((conversation_id, at))
        if first is None or moment.order < first.order:
            found[conversation_id, at] = moment
    return found
