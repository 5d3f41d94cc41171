"""Whatever happens to a conversation, its stored clocks are what `episodes` says of it, and both
are what an oracle tells minute by minute from clocks.md alone.
"""

import os
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from apps.channels.models import Channel
from apps.conversations import timelines
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.promises import Promises
from apps.sla.episodes import Episode, episodes
from tests.conversations.lives import Life, Promised, lives, promises
from tests.conversations.living import Lived, live
from tests.conversations.oracle import Wait, contacts_of, waits_of
from tests.people import NOON, a_channel, a_team, a_user, minutes

pytestmark = pytest.mark.django_db

AT_ONCE = 25
LIVES = 500
# How many lives `make soak` lets happen.
SOAK_LIVES = int(os.environ.get("SOAK_EXAMPLES", "20000"))

Row = tuple[Any, ...]
Stood = tuple[str, int | None, int | None, int, str | None]


def test_stored_clocks_are_what_episodes_and_the_oracle_say() -> None:
    assert _live(LIVES) >= LIVES


@pytest.mark.soak
def test_stored_clocks_of_very_many_lives_are_what_episodes_and_the_oracle_say() -> None:
    assert _live(SOAK_LIVES) >= SOAK_LIVES


def _live(number: int) -> int:
    """Let so many lives happen and hold each to both; returns how many there were."""
    held = 0
    by = a_user("Ada Min", role="admin")

    @settings(
        max_examples=number // AT_ONCE,
        deadline=None,
        # What a failure notes is one short life already: to shrink all of them takes minutes.
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        many=st.lists(lives(), min_size=AT_ONCE, max_size=AT_ONCE),
        promised=promises(),
    )
    def happen(many: list[Life], promised: list[tuple[int, Promised]]) -> None:
        nonlocal held
        with transaction.atomic():
            team = a_team()
            channels = [
                a_channel(f"@c{n}", team=team, account_id=f"brand {n}") for n in range(len(many))
            ]
            _hold(live(many, channels, promised, by=by), promised)
            connection.check_constraints()
            transaction.set_rollback(True)
        held += len(many)

    happen()
    return held


def _hold(lived: Sequence[Lived], promised: Sequence[tuple[int, Promised]]) -> None:
    channels = [one.channel for one in lived]
    conversations = Conversation.objects.filter(channel__in=channels, merged_into__isnull=True)
    present = {conversation.pk: conversation for conversation in conversations}
    talks = _ids_of(channels)
    stored = _stored(present)
    assert {pk: set(map(_row, clocks)) for pk, clocks in stored.items()} == _derived(present)
    for one in lived:
        expected = {min(t.ids & _written(one)): t for t in one.kims()}
        found = {min(ids): pk for (channel, pk), ids in talks.items() if channel == one.channel.pk}
        assert found.keys() == expected.keys(), one.life
        for first, talk in expected.items():
            line = one.line(talk)
            waits = waits_of(line, promised)
            row = present[found[first]]
            kept = {_wait(clock, row) for clock in stored[row.pk]}
            if kept != waits:
                note(f"{line}\nmissing {waits - kept}\ntoo many {kept - waits}")
            assert kept == waits, one.life
            contact = max(1, len(contacts_of(line)))
            waiting = [w.started for w in waits if w.kind != "resolution" and w.stopped is None]
            pause = next((w.paused_for for w in waits if w.paused_for), None)
            assert _stood(row) == (
                talk.state,
                talk.until,
                waiting[0] if waiting else None,
                contact,
                pause,
            ), one.life


def _written(one: Lived) -> set[int]:
    return {said.id for said in one.heard}


def _ids_of(channels: Sequence[Channel]) -> dict[tuple[int, int], set[int]]:
    found: dict[tuple[int, int], set[int]] = {}
    rows = Message.objects.filter(channel__in=channels, conversation__isnull=False)
    for channel_id, pk, external_id in rows.values_list(
        "channel_id", "conversation_id", "external_id"
    ):
        if pk is not None and external_id is not None:
            found.setdefault((channel_id, pk), set()).add(int(external_id))
    return found


def _stored(present: Collection[int]) -> dict[int, list[Clock]]:
    found: dict[int, list[Clock]] = {pk: [] for pk in present}
    rows = Clock.objects.select_related("policy_version", "reply")
    for clock in rows.filter(conversation__in=present):
        found[clock.conversation_id].append(clock)
    return found


def _derived(present: Collection[int]) -> dict[int, set[Row]]:
    read, promised = timelines.timelines(list(present)), Promises(present, new={})
    return {
        pk: {
            _row_of(episode)
            for episode in episodes(read[pk], promised.of(pk), put_off=promised.put_off)
        }
        for pk in present
    }


def _row_of(episode: Episode) -> Row:
    promise = episode.promise
    return (
        str(episode.kind),
        episode.contact,
        episode.position,
        episode.started_at,
        episode.stopped_at,
        episode.stop,
        episode.reply_id,
        promise and promise.due_at,
        promise and promise.warn_at,
        promise and promise.policy_version_id,
        promise and promise.calendar_version_id,
        episode.paused.total_seconds(),
        episode.paused_at,
    )


def _row(clock: Clock) -> Row:
    return (
        clock.kind,
        clock.contact,
        clock.position,
        clock.started_at,
        clock.stopped_at,
        clock.stop,
        clock.reply_id,
        clock.due_at,
        clock.warn_at,
        clock.policy_version_id,
        clock.calendar_version_id,
        clock.paused_seconds,
        clock.paused_at,
    )


def _wait(clock: Clock, conversation: Conversation) -> Wait:
    assert clock.policy_version is not None
    return Wait(
        kind=clock.kind,
        contact=clock.contact,
        position=clock.position,
        started=_minute(clock.started_at) or 0,
        stopped=_minute(clock.stopped_at),
        stop=clock.stop,
        reply=int(clock.reply.external_id or 0) if clock.reply else None,
        due=_minute(clock.due_at),
        warn=_minute(clock.warn_at),
        desk_seconds=clock.desk_seconds,
        paused_seconds=int(clock.paused_seconds),
        paused_since=_minute(clock.paused_at),
        paused_for=conversation.paused_for if clock.paused_at else None,
        version=clock.policy_version.version,
    )


def _stood(row: Conversation) -> Stood:
    return (
        row.state,
        _minute(row.snoozed_until),
        _minute(row.waiting_since),
        row.contact,
        row.paused_for,
    )


def _minute(at: datetime | None) -> int | None:
    if at is None:
        return None
    whole, rest = divmod(at - NOON, minutes(1))
    assert not rest, at
    return whole
