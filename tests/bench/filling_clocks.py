"""A desk of two years of clocks, a fifth as many messages, and tags on a third of it.

The rows are what figures are made of, in time order; what they name beside people and channels,
such as their conversations, is not there. But some thousand customers wrote within the last hour.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, LiteralString

from django.db import connection

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.operations.receiving import receive
from apps.labels.models import Tag
from tests.bench.bench_receiving import a_batch
from tests.people import NOON, a_channel, a_team, a_user

AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
DAYS = 730
AGENTS, CHANNELS, TEAMS, TAGS = 50, 20, 5, 12
WAITING = 5_000
ADMIN, MANAGER_OF_TWO = "ada@acme.example", "mona@acme.example"


def fill_clocks(clocks: int) -> None:
    """Fill an empty desk with so many; its triggers sleep meanwhile."""
    _people()
    messages = clocks // 5
    known: dict[str, Any] = {
        "clocks": clocks,
        "messages": messages,
        "channels": list(Channel.objects.order_by("id").values_list("id", flat=True)),
        "agents": list(
            User.objects.filter(role=User.Role.AGENT).order_by("id").values_list("id", flat=True)
        ),
        "tags": list(Tag.objects.order_by("id").values_list("id", flat=True)),
        "starts": AT - timedelta(days=DAYS),
        "step": timedelta(days=DAYS) / clocks,
        "step_said": timedelta(days=DAYS) / messages,
        "teams": TEAMS,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (WAITS, TAGGED, SAID):
            cursor.execute(statement, known)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    _have_customers_wait()
    with connection.cursor() as cursor:
        # A range of pages summarized while one transaction filled them keeps no bounds.
        cursor.execute("REINDEX INDEX message_by_time")
        cursor.execute("VACUUM ANALYZE")


def _people() -> None:
    teams = [a_team(f"Team {number}") for number in range(TEAMS)]
    for number in range(AGENTS):
        a_user(f"Agent{number:02} Bench", team=teams[number % TEAMS])
    for number in range(CHANNELS):
        a_channel(f"@brand{number}", team=teams[number % TEAMS])
    for number in range(TAGS):
        Tag.objects.create(name=f"Tag {number}", key=f"tag {number}")
    manager = a_user("Mona Bench", role="manager", team=teams[0])
    manager.teams.add(teams[1])
    a_user("Ada Bench", role="admin", team=teams[0])


def _have_customers_wait() -> None:
    channels = list(Channel.objects.order_by("id"))
    numbers = count((AT - timedelta(hours=1) - NOON) // timedelta(milliseconds=1))
    for _ in range(WAITING // 500):
        receive(a_batch(channels, numbers, 500), at=AT - timedelta(minutes=50))


# Ids of conversations are below zero, so that those that receiving makes are others. Waits are
# log-normal with a median near nine minutes, in time order; each agent answers for the channels of
# their team. One in a thousand of the last month still runs.
WAITS: LiteralString = """
    INSERT INTO conversations_clock
        (conversation_id, channel_id, kind, contact, position, started_at, stopped_at, stop,
         credited_to_id, due_at, desk_seconds, surface, language, received_at, assigned_at,
         read_at, sent_at, paused_seconds)
    SELECT -1 - n, (%(channels)s::bigint[])[1 + n %% cardinality(%(channels)s)], kind, 1, 1, began,
           CASE WHEN NOT runs THEN began + took END,
           CASE WHEN runs THEN NULL WHEN kind = 'resolution' THEN 'resolved'
                WHEN n %% 25 = 0 THEN 'no_reply_needed' ELSE 'reply' END,
           CASE WHEN NOT runs AND kind <> 'resolution' AND n %% 25 <> 0
               THEN (%(agents)s::bigint[])[1 + (n %% %(teams)s + %(teams)s * (n / 7 %% 10))] END,
           began + interval '15 minutes',
           CASE WHEN NOT runs THEN extract(epoch FROM took) / 2 END,
           (ARRAY['mention', 'direct', 'comment'])[1 + n %% 3],
           (ARRAY['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', ''])[1 + n %% 8],
           CASE WHEN NOT runs THEN began + took * 0.02 END,
           CASE WHEN NOT runs THEN began + took * 0.3 END,
           CASE WHEN NOT runs THEN began + took * 0.5 END,
           CASE WHEN NOT runs AND kind <> 'resolution' AND n %% 25 <> 0
               THEN began + took * 0.95 END, 0
    FROM (
        SELECT n, %(starts)s::timestamptz + n * %(step)s::interval AS began,
               (ARRAY['first_response', 'next_response', 'resolution'])[1 + n / 20 %% 3] AS kind,
               exp(random_normal(6.3, 1.15)) * interval '1 second' AS took,
               n %% 1000 = 7 AND n > %(clocks)s * 0.96 AS runs
        FROM generate_series(0, %(clocks)s - 1) n
    ) wait
"""

TAGGED: LiteralString = """
    INSERT INTO conversations_conversationtag (conversation_id, tag_id)
    SELECT -1 - n, (%(tags)s::bigint[])[1 + n / 3 %% cardinality(%(tags)s)]
    FROM generate_series(0, %(clocks)s - 1, 3) n
"""

SAID: LiteralString = """
    INSERT INTO conversations_message
        (channel_id, thread_id, conversation_id, direction, origin, surface, external_id, text,
         url, language, posted_at, received_at, attempts, state, error, identity_id)
    SELECT (%(channels)s::bigint[])[1 + n %% cardinality(%(channels)s)], -1 - n / 4, -1 - n,
           CASE WHEN n / 20 %% 2 = 0 THEN 'inbound' ELSE 'outbound' END, 'network', 'mention',
           'x' || n, 'hello', '', 'en', %(starts)s::timestamptz + n * %(step_said)s::interval,
           %(starts)s::timestamptz + n * %(step_said)s::interval, 0,
           CASE WHEN n / 20 %% 2 = 1 THEN 'sent' END, '', n
    FROM generate_series(0, %(messages)s - 1) n
"""
