"""A desk with a long history, written in bulk SQL: what years of receiving would have left.

The rows are those `receive`, `rerun` and `record` write, without the hours it would take them.
Keys and triggers are off meanwhile, so a mistake here would show in the pages and nowhere else.
"""

from datetime import datetime
from typing import Any, LiteralString

from django.db import connection

from apps.agents.models import User
from apps.channels.models import Channel
from apps.labels.models import Tag
from tests.people import a_channel, a_team, a_user

AGENTS, CHANNELS, TEAMS, TAGS = 50, 30, 5, 20
OPEN_EACH = 6
"""How many conversations an agent has in hand: their capacity, however long the history is."""

OPEN_SHARE = 0.1
"""How many of a hundred conversations are open and nobody's; the rest are resolved."""

LOYAL = 1
"""The identity, and customer, with five conversations of 200 messages each."""


def people_and_channels(agents: int = AGENTS) -> tuple[User, User]:
    """Create who works here and where; return one agent and one admin."""
    teams = [a_team(f"Team {number}") for number in range(TEAMS)]
    hired = [
        a_user(f"Agent{number:02} Bench", team=teams[number % TEAMS]) for number in range(agents)
    ]
    for number in range(CHANNELS):
        a_channel(f"@brand{number}", team=teams[number % TEAMS])
    for number in range(TAGS):
        Tag.objects.create(name=f"Tag {number:02}", key=f"tag {number:02}")
    return hired[0], a_user("Ada Bench", role="admin", team=teams[0])


def fill(messages: int, *, now: datetime, open_share: float = OPEN_SHARE) -> None:
    """Let the history grow to so many messages, over the two years before `now`.

    Every tenth message is another customer's. A conversation has 3 to 200 messages, most few, ten
    in the mean; `open_share` of them are open and nobody's, and each agent has the same few in
    hand. Of those open seven in ten wait, and of these a third were promised nothing. One in five
    bears a tag, one in fifty is in German, one in a thousand in Portuguese.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT count(*) FROM conversations_message")
        there = cursor.fetchone()[0]
        for statement in STEPS:
            sizes = {"from": there, "to": messages, "open_share": open_share}
            cursor.execute(statement, _known() | sizes | {"now": now})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def _known() -> dict[str, Any]:
    return {
        "channels": list(Channel.objects.order_by("id").values_list("id", flat=True)),
        "agents": list(
            User.objects.filter(role=User.Role.AGENT).order_by("id").values_list("id", flat=True)
        ),
        "tags": list(Tag.objects.order_by("id").values_list("id", flat=True)),
        "open_each": OPEN_EACH,
        "loyal": LOYAL,
    }


PEOPLE: LiteralString = """
    INSERT INTO customers_customer (id, name, first_seen_at)
    SELECT n, '', %(now)s::timestamptz - random() * interval '730 days'
    FROM generate_series(%(from)s / 10 + 1, %(to)s / 10) n
"""

IDENTITIES: LiteralString = """
    INSERT INTO customers_identity (id, customer_id, network, external_id, handle, name, named_at)
    SELECT id, id, 'square', 'u' || id, '@u' || id, 'Customer ' || id, first_seen_at
    FROM customers_customer WHERE id > %(from)s / 10
"""

# Sizes fall off like 1 / size^2.25 and have a mean near 10. One thread in twenty is a post under
# which five people wrote.
CONVERSATIONS: LiteralString = """
    CREATE TEMP TABLE filling AS
    WITH drawn AS (
        SELECT n,
               CASE WHEN n <= 5 THEN 200 ELSE least(200, (2.7 * power(random(), -0.8))::int) END
                   AS size,
               greatest(%(loyal)s + 1,
                        1 + floor(power(random(), 2) * (%(to)s / 10 - %(from)s / 10))::bigint
                            + %(from)s / 10) AS identity,
               %(now)s::timestamptz - interval '1 hour' - random() * interval '730 days' AS began,
               random() AS fate
        FROM generate_series((SELECT coalesce(max(id), 0) + 1 FROM conversations_conversation),
                             %(to)s + 10) n
    ), summed AS (
        SELECT *, sum(size) OVER (ORDER BY n) - size AS before FROM drawn
    )
    SELECT n, size, began, fate,
           %(from)s + before AS before,
           CASE WHEN n <= 5 THEN %(loyal)s
                WHEN n %% 100 BETWEEN 11 AND 15
                THEN %(from)s / 10 + 1 + n %% (%(to)s / 10 - %(from)s / 10)
                ELSE identity END AS identity,
           CASE WHEN n %% 100 BETWEEN 11 AND 14 THEN n - n %% 100 + 15 ELSE n END AS thread,
           (%(channels)s::bigint[])[1 + (CASE WHEN n %% 100 BETWEEN 11 AND 14
               THEN n - n %% 100 + 15 ELSE n END) %% cardinality(%(channels)s)] AS channel,
           (%(agents)s::bigint[])[1 + n %% cardinality(%(agents)s)] AS agent,
           n <= %(open_each)s * cardinality(%(agents)s) AS in_hand,
           n > %(open_each)s * cardinality(%(agents)s) AND fate < %(open_share)s AS nobodys
    FROM summed WHERE before < %(to)s - %(from)s
"""

THREADS: LiteralString = """
    INSERT INTO conversations_thread (id, channel_id, thread_key)
    SELECT DISTINCT thread, channel, 't' || thread FROM filling
    ON CONFLICT DO NOTHING
"""

STORED_CONVERSATIONS: LiteralString = """
    INSERT INTO conversations_conversation
        (id, channel_id, thread_id, identity_id, state, assignee_id, assigned_at,
         assigned_by_person, assigned_because, contact, waiting_since, last_message_at, weight)
    SELECT n, channel, thread, identity, CASE WHEN in_hand OR nobodys THEN 'open' ELSE 'resolved'
           END, CASE WHEN nobodys THEN NULL ELSE agent END,
           CASE WHEN nobodys THEN NULL ELSE began + interval '10 seconds' END, false,
           CASE WHEN nobodys THEN '' ELSE 'Least loaded on shift: 2 of 6 before this one.' END, 1,
           CASE WHEN (in_hand OR nobodys) AND fate < 0.7 * %(open_share)s THEN began END,
           began + size * interval '7 minutes', 1
    FROM filling
"""

# Words fall off steeply: the most frequent stands in nearly every message, most in a handful.
MESSAGES: LiteralString = """
    INSERT INTO conversations_message
        (id, channel_id, thread_id, conversation_id, direction, origin, surface, external_id,
         parent_id_there, identity_id, author_id, text, url, language, posted_at, received_at,
         attempts, state, error)
    SELECT before + k, channel, thread, n, CASE WHEN k %% 2 = 1 THEN 'inbound' ELSE 'outbound' END,
           'network', 'mention', (before + k)::text,
           CASE WHEN k > 1 THEN (before + k - 1)::text END,
           CASE WHEN k %% 2 = 1 THEN identity END, CASE WHEN k %% 2 = 0 THEN agent END,
           (SELECT string_agg('w' || floor(20000 * power(random(), 4)), ' ')
               FROM generate_series(1, 6 + (before + k)::int %% 12)),
           'https://square.example/posts/' || before + k,
           CASE WHEN n %% 1000 = 13 THEN 'pt-BR' WHEN n %% 50 = 7 THEN 'de' ELSE 'en' END,
           began + k * interval '7 minutes', began + k * interval '7 minutes' + interval '1 second',
           0, CASE WHEN k %% 2 = 0 THEN 'sent' END, ''
    FROM filling, generate_series(1, least(size, %(to)s - before)) k
"""

CLOCKS: LiteralString = """
    INSERT INTO conversations_clock
        (conversation_id, channel_id, kind, contact, position, started_at, stopped_at, stop,
         reply_id, credited_to_id, desk_seconds, due_at, warn_at)
    SELECT n, channel, CASE WHEN k = 1 THEN 'first_response' ELSE 'next_response' END, 1,
           k, began + (2 * k - 1) * interval '7 minutes',
           CASE WHEN 2 * k <= size THEN began + 2 * k * interval '7 minutes'
                WHEN NOT waits THEN began + size * interval '8 minutes' END,
           CASE WHEN 2 * k <= size THEN 'reply' WHEN NOT waits THEN 'no_reply_needed' END,
           CASE WHEN 2 * k <= size THEN before + 2 * k END,
           CASE WHEN 2 * k <= size THEN agent END,
           CASE WHEN 2 * k <= size THEN 420 WHEN NOT waits THEN size * 60 END,
           CASE WHEN n %% 3 > 0 THEN began + (2 * k - 1) * interval '7 minutes'
               + interval '4 hours' END,
           CASE WHEN n %% 3 > 0 THEN began + (2 * k - 1) * interval '7 minutes'
               + interval '3 hours' END
    FROM filling, generate_series(1, (size + 1) / 2) k,
         LATERAL (SELECT (in_hand OR nobodys) AND fate < 0.7 * %(open_share)s AS waits) _
    UNION ALL
    SELECT n, channel, 'resolution', 1, 1, began,
           CASE WHEN NOT (in_hand OR nobodys) THEN began + size * interval '8 minutes' END,
           CASE WHEN NOT (in_hand OR nobodys) THEN 'resolved' END, NULL, NULL,
           CASE WHEN NOT (in_hand OR nobodys) THEN size * 480 END, NULL, NULL
    FROM filling
"""

TAGGED: LiteralString = """
    INSERT INTO conversations_conversationtag (conversation_id, tag_id)
    SELECT n, (%(tags)s::bigint[])[1 + (n / 5) %% cardinality(%(tags)s)]
    FROM filling WHERE n %% 5 = 0
"""

EVENTS: LiteralString = """
    INSERT INTO ledger_event (at, kind, by_id, conversation_id, user_id, channel_id, data)
    SELECT began + (step - 1) * size * interval '4 minutes',
           (ARRAY['received', 'assigned', 'resolved'])[step],
           CASE WHEN step = 3 THEN agent END, n, CASE WHEN step > 1 THEN agent END, channel,
           CASE WHEN step = 2 THEN '{"because": "Least loaded on shift: 2 of 6 before this one."}'
                ELSE '{}' END::jsonb
    FROM filling, generate_series(1, 3) step
    WHERE NOT (nobodys AND step > 1) AND NOT (in_hand AND step = 3)
"""

DELIVERIES: LiteralString = """
    INSERT INTO intake_delivery (channel_id, body, received_at, drained_at)
    SELECT channel_id, convert_to(jsonb_build_object('type', 'message', 'id', external_id,
           'parent', parent_id_there, 'url', url, 'text', text, 'posted_at', posted_at, 'author',
           jsonb_build_object('id', identity_id, 'handle', '@u' || identity_id))::text, 'UTF8'),
           received_at, received_at
    FROM conversations_message WHERE id > %(from)s AND direction = 'inbound'
"""

WORDS: LiteralString = """
    INSERT INTO conversations_searchentry (message_id, channel_id, direction, words)
    SELECT message.id, message.channel_id, direction,
           desk_entry_words(message.id, text, identity.name, identity.handle)
    FROM conversations_message message
    LEFT JOIN customers_identity identity ON identity.id = identity_id
    WHERE message.id > %(from)s
"""

STEPS: tuple[LiteralString, ...] = (
    PEOPLE,
    IDENTITIES,
    CONVERSATIONS,
    THREADS,
    STORED_CONVERSATIONS,
    MESSAGES,
    CLOCKS,
    TAGGED,
    EVENTS,
    DELIVERIES,
    WORDS,
    "DROP TABLE filling",
)
