"""Telling people what they should know now: each thing once, in the console and by e-mail.

What was said already is asked of the notifications themselves, never of a clock: a clock is derived
anew whenever somebody writes late, and may then stand in another row.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from apps.agents.models import User
from apps.agents.notifications import NotificationKind
from apps.common import sets
from apps.common.doorbell import ring_after_commit
from apps.conversations.models import Conversation, Notification
from apps.ledger.recording import nudge_people

MAIL_TASK = "conversations.mail"
MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One thing that one person is to be told: of a conversation, or of what admins keep.

    `is_overtaken` where something worse is told in the same breath: it is kept as read.
    """

    recipient_id: int
    kind: str
    conversation_id: int | None = None
    about_id: int | None = None
    about: str = ""
    why: str = ""
    clock_kind: str | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    message_id: int | None = None
    by_id: int | None = None
    is_overtaken: bool = False


def tell_of_waits(*, at: datetime) -> int:
    """Warn of every wait that is due soon, and tell of every one past due: called by the sweep.

    The warning is for the assignee, or where nobody is assigned for those who lead the team; the
    breach is for both. Returns how many notifications were written.
    """
    told = 0
    while (written := _tell_some(at=at)) is not None:
        told += written
    return told


def tell(tellings: Sequence[Telling], *, at: datetime) -> int:
    """Write these as far as they are new, with a letter for whoever wants one, and nudge.

    Must be called inside a transaction. Returns how many were written.
    """
    if not tellings:
        return 0
    rows = sets.execute(
        """
        INSERT INTO conversations_notification
            (recipient_id, kind, conversation_id, about_id, about, why, clock_kind, since, due_at,
             message_id, by_id, at, read_at, in_console)
        SELECT telling.recipient_id, telling.kind, telling.conversation_id, telling.about_id,
               telling.about, telling.why, telling.clock_kind, telling.since, telling.due_at,
               telling.message_id, telling.by_id,
               %b::timestamptz, CASE WHEN telling.is_overtaken THEN %b::timestamptz END,
               telling.kind <> ALL(person.muted_kinds)
        FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::bigint[], %b::text[], %b::text[],
                    %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[], %b::bigint[],
                    %b::boolean[])
            WITH ORDINALITY AS telling
                (recipient_id, kind, conversation_id, about_id, about, why, clock_kind, since,
                 due_at, message_id, by_id, is_overtaken, place)
        JOIN agents_user person ON person.id = telling.recipient_id
        ORDER BY telling.place
        ON CONFLICT DO NOTHING
        RETURNING id, recipient_id
        """,
        at,
        at,
        [telling.recipient_id for telling in tellings],
        [telling.kind for telling in tellings],
        [telling.conversation_id for telling in tellings],
        [telling.about_id for telling in tellings],
        [telling.about for telling in tellings],
        [telling.why for telling in tellings],
        [telling.clock_kind for telling in tellings],
        [telling.since for telling in tellings],
        [telling.due_at for telling in tellings],
        [telling.message_id for telling in tellings],
        [telling.by_id for telling in tellings],
        [telling.is_overtaken for telling in tellings],
    )
    _write_letters([notification_id for notification_id, _ in rows], at=at)
    if rows:
        transaction.on_commit(partial(nudge_people, {person for _, person in rows}))
    return len(rows)


def note_read(
    *,
    by: User,
    at: datetime,
    conversation: Conversation | None = None,
    about: tuple[NotificationKind, int] | None = None,
) -> int:
    """Note that somebody looked at what they were told: of one conversation, of one thing that
    admins keep, or of all.
    """
    unread = Notification.objects.unread_by(by)
    if conversation is not None:
        unread = unread.filter(conversation=conversation)
    if about is not None:
        kind, about_id = about
        unread = unread.filter(kind=kind, about_id=about_id)
    read = unread.update(read_at=at)
    if read:
        transaction.on_commit(partial(nudge_people, {by.pk}))
    return read


def note_gone(*, kind: NotificationKind, about_id: int) -> None:
    """Note that what people were told of is gone: nobody has anything to look at."""
    told = Notification.objects.filter(kind=kind, about_id=about_id)
    readers = set(told.unread().values_list("recipient_id", flat=True))
    told.update(in_console=False)
    transaction.on_commit(partial(nudge_people, readers))


@transaction.atomic
def _tell_some(*, at: datetime) -> int | None:
    """Return how many notifications were written; None once there was nothing to look at.

    Whoever answers, merges or reassigns one of them holds its row: it waits for the next sweep.
    """
    found = sets.execute(
        """
        WITH ripe AS MATERIALIZED (
            SELECT conversation_id FROM conversations_clock
            WHERE stopped_at IS NULL AND tell_at <= %b::timestamptz
            ORDER BY tell_at LIMIT %b::int
        )
        SELECT id FROM conversations_conversation
        WHERE id IN (SELECT conversation_id FROM ripe)
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        """,
        at,
        MOST_AT_ONCE,
    )
    if not found:
        return None
    conversation_ids = [row[0] for row in found]
    written = tell(_tellings(conversation_ids, at=at), at=at)
    sets.execute(
        """
        UPDATE conversations_clock
        SET tell_at = CASE WHEN due_at > %b::timestamptz THEN due_at END
        WHERE conversation_id = ANY(%b::bigint[])
          AND stopped_at IS NULL AND tell_at <= %b::timestamptz
        """,
        at,
        conversation_ids,
        at,
    )
    return written


def _tellings(conversation_ids: Collection[int], *, at: datetime) -> list[Telling]:
    """What is to be told of these locked conversations, and was not told before.

    A wait was told before if it now holds the message with which the wait told then began: late
    messages may have moved its beginning, or have joined its conversation with another.
    """
    rows = sets.execute(
        """
        WITH news AS (
            SELECT clock.conversation_id, clock.kind AS clock_kind, clock.started_at, clock.due_at,
                   told.kind, told.is_overtaken, assignee.id AS assignee_id, channel.team_id
            FROM conversations_clock clock
            JOIN conversations_conversation conversation
                ON conversation.id = clock.conversation_id
            JOIN channels_channel channel ON channel.id = conversation.channel_id
            LEFT JOIN agents_user assignee
                ON assignee.id = conversation.assignee_id AND assignee.is_active
            CROSS JOIN LATERAL (VALUES
                ('warning', clock.warn_at, clock.due_at <= %b::timestamptz),
                ('breach', clock.due_at, false)) AS told(kind, since, is_overtaken)
            WHERE clock.conversation_id = ANY(%b::bigint[]) AND clock.stopped_at IS NULL
              AND clock.tell_at <= %b::timestamptz AND told.since <= %b::timestamptz
              AND NOT EXISTS (
                  SELECT 1 FROM conversations_notification earlier
                  WHERE earlier.conversation_id IN (
                      SELECT clock.conversation_id UNION ALL
                      SELECT part.id FROM conversations_conversation part
                      WHERE part.merged_into_id = clock.conversation_id)
                    AND earlier.kind = told.kind AND earlier.since >= clock.started_at
                    AND (earlier.clock_kind = 'resolution') = (clock.kind = 'resolution'))
        ), team AS (
            SELECT DISTINCT team_id AS id FROM news
        ), own_leader AS (
            SELECT team.id AS team_id, person.id FROM team
            JOIN agents_membership membership ON membership.team_id = team.id
            JOIN agents_user person ON person.id = membership.user_id
            WHERE person.is_active AND person.role IN ('manager', 'admin')
        ), leader AS (
            SELECT team_id, id FROM own_leader
            UNION ALL
            SELECT team.id, admin.id FROM team JOIN agents_user admin ON admin.is_active
            WHERE admin.role = 'admin'
              AND NOT EXISTS (SELECT 1 FROM own_leader WHERE own_leader.team_id = team.id)
        ), recipient AS (
            SELECT DISTINCT team_id, assignee_id, kind, id FROM (
                SELECT team_id, assignee_id, kind, assignee_id AS id FROM news
                UNION ALL
                SELECT news.team_id, assignee_id, kind, leader.id
                FROM news JOIN leader ON leader.team_id = news.team_id
                WHERE kind = 'breach' OR assignee_id IS NULL
            ) either WHERE id IS NOT NULL
        )
        SELECT recipient.id, news.kind, news.conversation_id, news.clock_kind, news.started_at,
               news.due_at, news.is_overtaken
        FROM news JOIN recipient ON recipient.team_id = news.team_id
            AND recipient.kind = news.kind
            AND recipient.assignee_id IS NOT DISTINCT FROM news.assignee_id
        ORDER BY news.kind DESC, news.due_at, news.conversation_id, recipient.id
        """,
        at,
        conversation_ids,
        at,
        at,
    )
    return [
        Telling(
            recipient_id=recipient_id,
            kind=kind,
            conversation_id=conversation_id,
            clock_kind=clock_kind,
            since=since,
            due_at=due_at,
            is_overtaken=is_overtaken,
        )
        for recipient_id, kind, conversation_id, clock_kind, since, due_at, is_overtaken in rows
    ]


def _write_letters(notification_ids: Sequence[int], *, at: datetime) -> None:
    written = sets.execute(
        """
        INSERT INTO conversations_letter (notification_id, state, attempts, not_before, error)
        SELECT notification.id, 'queued', 0, %b::timestamptz, ''
        FROM conversations_notification notification
        JOIN agents_user person ON person.id = notification.recipient_id
        WHERE notification.id = ANY(%b::bigint[]) AND notification.read_at IS NULL
          AND notification.kind = ANY(person.mailed_kinds) AND person.is_active
        RETURNING notification_id
        """,
        at,
        notification_ids,
    )
    if written:
        ring_after_commit(MAIL_TASK)
