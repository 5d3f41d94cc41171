"""How long a draft is compared with 100,000 replies of the last 30 days, and what finds again."""

import gc
import json
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.agents.models import User
from apps.conversations.models import Band, Conversation, Likeness, Message, Wording
from apps.conversations.operations.reckoning import reckon
from apps.conversations.queries.sameness import alike
from apps.conversations.sameness.canonical import canonical, jaccard, shingles
from apps.conversations.sameness.minhash import bands
from apps.conversations.sameness.sharing import NEAR
from tests.people import Kim, a_channel, ana, arrive, brand_says

REPLIES, DRAFTS = 100_000, 600
NOW = datetime.now(UTC)
CANNED_SHARE = 0.3
MOST_P99_MS, MOST_ANSWER_MS, LEAST_RECALL = 10, 300, 0.99


@pytest.mark.django_db
def bench_a_draft_among_replies() -> None:
    """Three in ten replies are one of 50 canned ones; drafts differ from a reply in some words."""
    random_words = random.Random(7)
    vocabulary = ["".join(random_words.choices("etaoinshrdlu", k=6)) for _ in range(8000)]
    channel, agent = a_channel(), ana()
    canned = [_a_text(random_words, vocabulary) for _ in range(50)]
    texts = [
        random_words.choice(canned)
        if random_words.random() < CANNED_SHARE
        else _a_text(random_words, vocabulary)
        for _ in range(REPLIES)
    ]
    began = time.perf_counter()
    _fill(channel.pk, texts)
    filled = time.perf_counter() - began
    drafts = [random_words.choice(texts) for _ in range(DRAFTS)]
    edited = [_edited(text, random_words, vocabulary) for text in drafts]
    gc.freeze()  # what the bench itself holds is not looked through while a draft is compared
    for text in edited[:20]:
        alike(text, user=agent, at=NOW)
    took, worked, near, found = [], [], 0, 0
    for original, text in zip(drafts, edited, strict=True):
        tries = []
        for _ in range(3):  # the machine is shared: a pause of another's is not the draft's
            began, busy = time.perf_counter(), time.process_time()
            answer = alike(text, user=agent, at=NOW)
            tries.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
        took.append(statistics.median(tries))
        is_near = jaccard(*(shingles(canonical(one)) for one in (original, text))) >= NEAR
        near, found = near + is_near, found + (is_near and answer.is_near)
    centiles = statistics.quantiles(took, n=100)
    told = {
        "bench": "sameness",
        "replies": REPLIES,
        "wordings": Wording.objects.count(),
        "p50_ms": round(centiles[49], 2),
        "p99_ms": round(centiles[98], 2),
        "p99_cpu_ms": round(statistics.quantiles(worked, n=100)[98], 2),
        "near": near,
        "recall": round(found / near, 3),
        "fill_us_per_reply": round(1e6 * filled / REPLIES),
        "reckon_ms_per_reply": round(_reckoning(channel, texts), 2),
        "answer_p95_ms": (answered := _answering(agent, edited[:100])),
        "most_answer_ms": MOST_ANSWER_MS,
        "most_p99_ms": MOST_P99_MS,
        "band_mb": _megabytes("conversations_band"),
    }
    print(json.dumps(told))
    assert centiles[98] <= MOST_P99_MS
    assert answered <= MOST_ANSWER_MS
    assert found / near >= LEAST_RECALL


def _a_text(random_words: random.Random, vocabulary: list[str]) -> str:
    """15 to 45 words; frequent ones come often, as in speech."""
    count = random_words.randint(15, 45)
    return " ".join(vocabulary[int(8000 * random_words.random() ** 3)] for _ in range(count))


def _edited(text: str, random_words: random.Random, vocabulary: list[str]) -> str:
    """One word in twenty is another."""
    return " ".join(
        random_words.choice(vocabulary) if random_words.random() < 0.05 else word
        for word in text.split()
    )


def _fill(channel_id: int, texts: list[str]) -> None:
    """As the sweep leaves them; messages are not read before something is shown."""
    ids: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for text in texts:
            ids.setdefault(canonical(text), len(ids) + 1)
        with cursor.copy(
            "COPY conversations_wording (id, sha256, text, last_said_at) FROM STDIN"
        ) as copy:
            for words, pk in ids.items():
                copy.write_row([pk, sha256(words.encode()).hexdigest(), words, NOW])
        with cursor.copy("COPY conversations_band (key, wording_id) FROM STDIN") as copy:
            for words, pk in ids.items():
                for key in bands(shingles(words)):
                    copy.write_row([key, pk])
        with cursor.copy(
            "COPY conversations_likeness (message_id, channel_id, wording_id, said_at, nearest)"
            " FROM STDIN"
        ) as copy:
            for n, text in enumerate(texts):
                said_at = NOW - timedelta(seconds=20 * n)
                copy.write_row([-n - 1, channel_id, ids[canonical(text)], said_at, 0.0])
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('conversations_wording', 'id'), %s)", [len(ids)]
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        for model in (Wording, Band, Likeness):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _reckoning(channel: object, texts: list[str]) -> float:
    """Milliseconds the sweep takes for each new reply among all these."""
    kim = Kim(channel)  # type: ignore[arg-type]
    for n, text in enumerate(texts[:100]):
        asked = kim.writes(at=NOW)
        arrive(
            kim.channel,
            brand_says(kim.channel, f"{text} {n}", at=NOW, parent_id=asked.external_id),
            at=NOW,
        )
    began = time.perf_counter()
    reckon(at=NOW)
    replies = Message.objects.filter(direction=Message.Direction.OUTBOUND).count()
    return 1000 * (time.perf_counter() - began) / replies


def _answering(agent: User, drafts: list[str]) -> float:
    """Milliseconds, the 95th percentile, from a pause in typing to what the page is answered."""
    client = Client()
    client.force_login(agent)
    address = reverse("hints", args=[Conversation.objects.latest("id").pk])
    took = []
    for text in drafts:
        began = time.perf_counter()
        answer = client.post(address, {"text": text})
        took.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200
    return round(statistics.quantiles(took, n=20)[-1], 1)


def _megabytes(table: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s) / 1e6", [table])
        return round(float(cursor.fetchone()[0]), 1)
