"""A file of one brand with most parents missing agrees with its independently computed truth.

What `truth-spotify-partial.json` defines otherwise than the desk (DEFINITIONS.md there, threads.md
and clocks.md here), and what is compared instead:

- `response_first` measures a thread, from its earliest customer's post to its earliest brand's,
  and leaves out threads that a brand's post begins. The desk measures each customer's
  conversation, also one whose beginning is missing. In the threads that a customer began and the
  brand answered both are the same wait: those are compared.
- `response_direct` measures every post from itself to its earliest direct answer. The desk measures
  a wait from its first unanswered post to the first answer, whichever post that names. So the
  direct figures are recomputed from the rows the desk stored, and each wait that its first post's
  earliest direct answer ended must have exactly that length.
- `within_…`, nearest ranks, canned texts, signatures and languages are no figures of the desk.
"""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from apps.conversations.models import Message, Thread
from tests.archive.shared import PARTIAL, TWEETS, needs_tweets

pytestmark = [needs_tweets, pytest.mark.django_db]

DIRECT = """
    SELECT asked.id, asked.conversation_id, asked.posted_at,
           extract(epoch FROM min(reply.posted_at) - asked.posted_at)::float AS seconds
    FROM conversations_message asked
    JOIN conversations_message reply
      ON reply.channel_id = asked.channel_id AND reply.parent_id_there = asked.external_id
    WHERE asked.direction = 'inbound' AND reply.direction = 'outbound'
    GROUP BY asked.id
"""
FIRST = """
    SELECT clock.customer_seconds AS seconds
    FROM conversations_clock clock
    JOIN conversations_conversation conversation ON conversation.id = clock.conversation_id
    JOIN LATERAL (
        SELECT min(posted_at) FILTER (WHERE direction = 'inbound') AS asked_at,
               min(posted_at) FILTER (WHERE direction = 'outbound') AS answered_at
        FROM conversations_message message WHERE message.thread_id = conversation.thread_id
    ) thread ON true
    WHERE clock.kind = 'first_response' AND clock.started_at = thread.asked_at
      AND clock.stopped_at = thread.answered_at AND clock.stop = 'reply'
"""
AGREEING = f"""
    SELECT count(*), count(*) FILTER (WHERE clock.customer_seconds = direct.seconds)
    FROM ({DIRECT}) direct
    JOIN conversations_clock clock
      ON clock.conversation_id = direct.conversation_id AND clock.started_at = direct.posted_at
     AND clock.kind <> 'resolution' AND clock.stop = 'reply'
    JOIN conversations_message reply ON reply.id = clock.reply_id
    JOIN conversations_message asked ON asked.id = direct.id
    WHERE reply.parent_id_there = asked.external_id
"""


def test_the_partial_archive_has_the_response_times_of_its_truth() -> None:
    truth = json.loads((TWEETS / "truth-spotify-partial.json").read_text())
    call_command("import_tweets", str(PARTIAL))
    assert Message.objects.filter(direction="outbound").count() == truth["rows"]["outbound"]
    assert Thread.objects.filter(messages__direction="outbound").distinct().count() == (
        truth["conversations"]["count"] - truth["conversations"]["with_no_brand_tweet"]
    )
    assert figures(DIRECT) == expected(truth["response_direct"]["ALL"])
    assert figures(FIRST) == expected(truth["response_first"]["ALL"])
    waits, agreeing = row(AGREEING)
    assert waits == agreeing > 3_000


def figures(waits: str) -> Any:
    return pytest.approx(
        row(
            "SELECT count(*), min(seconds), max(seconds), percentile_cont(0.5) WITHIN GROUP"
            " (ORDER BY seconds), percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds),"
            f" percentile_cont(0.99) WITHIN GROUP (ORDER BY seconds) FROM ({waits}) waits"
        ),
        abs=1e-6,
    )


def expected(told: dict[str, float]) -> tuple[float, ...]:
    return tuple(told[name] for name in ("n", "min", "max", "p50", "p90", "p99"))


def row(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())
