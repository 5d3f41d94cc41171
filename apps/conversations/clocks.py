"""Clocks in the database: the cache of `apps.sla.episodes`, brought up to date in sets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.common import sets
from apps.conversations import legs
from apps.conversations.clock_rows import NO_CLOCKS, store, stored_before, stored_clocks
from apps.conversations.promises import Promises, Where
from apps.conversations.timelines import timelines
from apps.sla.episodes import Episode, Kind, Moment, Step, episodes

NONE_NEW: Mapping[int, Where] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands: whether somebody waits and until when an answer is promised, and
    whether something came in too late to be seen.

    `paused_for` is on whom resolving it waits; None where it waits on nobody but the desk.
    """

    waiting_since: datetime | None
    contact: int
    buried: bool
    due_at: datetime | None
    paused_for: str | None


def rerun(
    conversation_ids: Collection[int],
    *,
    new: Mapping[int, Where] = NONE_NEW,
    new_message_ids: Collection[int] = (),
    policies: sets.Sent | None = None,
) -> dict[int, Standing]:
    """Derive the clocks of these conversations anew and store what changed.

    The caller has locked the conversations, and writes the `new` ones as they stand then.
    `new_message_ids` are the messages stored just now; a customer's message among them that was
    answered before it arrived is `buried`.
    """
    if not conversation_ids:
        return {}
    moments = timelines(sorted(conversation_ids))
    promises = Promises(conversation_ids, new=new, policies=policies)
    waits = {
        i: episodes(moments[i], promises.of(i), put_off=promises.put_off) for i in conversation_ids
    }
    answered = store(stored_clocks(conversation_ids), waits, promises)
    if answered:
        legs.measure(answered)
    standings = {
        i: _standing(found, is_buried=_is_buried(found, moments[i], new_message_ids))
        for i, found in waits.items()
    }
    _note_standings({i: standing for i, standing in standings.items() if i not in new})
    return standings


def read_on(
    said: Mapping[int, Sequence[Moment]],
    *,
    new: Mapping[int, Where],
    policies: sets.Sent,
    at: datetime,
) -> dict[int, Standing]:
    """Go on with the clocks of conversations where all that is new was said after all else.

    `said` was stored just now, at `at`; the conversations are locked. Left out, for `rerun`, are
    those where something else was said or decided since, or may have been. In the `new` ones
    nothing was said before; the caller writes them as they stand then.
    """
    stored = dict.fromkeys(said.keys() & new.keys(), NO_CLOCKS)
    stored |= stored_before({i: said[i] for i in said.keys() - new.keys() if said[i]}, at=at)
    promises = Promises(stored.keys(), new=new, policies=policies)
    waits = {
        i: episodes(said[i], promises.of(i), after=clocks.values()) for i, clocks in stored.items()
    }
    store(stored, waits, promises)
    standings = {i: _standing(found) for i, found in waits.items()}
    _note_standings({i: standing for i, standing in standings.items() if i not in new})
    return standings


def _standing(found: Sequence[Episode], *, is_buried: bool = False) -> Standing:
    wait = _running_wait(found)
    promise = wait.promise if wait else None
    return Standing(
        waiting_since=wait.started_at if wait else None,
        contact=max((episode.contact for episode in found), default=1),
        buried=is_buried,
        due_at=promise.due_at if promise else None,
        paused_for=next((e.paused_for for e in found if e.paused_at is not None), None),
    )


def _running_wait(found: Sequence[Episode]) -> Episode | None:
    waits = (e for e in found if e.stopped_at is None and e.kind is not Kind.RESOLUTION)
    return next(waits, None)


def _is_buried(
    found: Sequence[Episode], moments: Sequence[Moment], new_message_ids: Collection[int]
) -> bool:
    wait = _running_wait(found)
    closings = [
        m.at for m in moments if m.step is not Step.ASKED and m.message_id not in new_message_ids
    ]
    return any(
        moment.step is Step.ASKED
        and moment.message_id in new_message_ids
        and (wait is None or moment.at < wait.started_at)
        and any(closing >= moment.at for closing in closings)
        for moment in moments
    )


def _note_standings(standings: Mapping[int, Standing]) -> None:
    """Messages that open no episode are messages all the same; what nobody sent yet is none."""
    if not standings:
        return
    sets.send(
        """
        UPDATE conversations_conversation conversation
        SET waiting_since = standing.waiting_since, contact = standing.contact,
            paused_for = standing.paused_for, last_message_at = newest.posted_at
        FROM unnest(%b::bigint[], %b::timestamptz[], %b::int[], %b::text[])
                AS standing(id, waiting_since, contact, paused_for)
            CROSS JOIN LATERAL (
                SELECT max(message.posted_at) AS posted_at FROM conversations_message message
                WHERE message.conversation_id = standing.id AND message.direction <> 'note'
            ) newest
        WHERE conversation.id = standing.id
        """,
        list(standings),
        [standing.waiting_since for standing in standings.values()],
        [standing.contact for standing in standings.values()],
        [standing.paused_for for standing in standings.values()],
    )
