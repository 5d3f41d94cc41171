"""Real tweets end in exactly the figures that were computed independently of the desk."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Message
from apps.conversations.operations.receiving import Arrival, receive
from apps.intake.archive.importing import BATCH, channels_of, look_at_tables_anew
from apps.intake.archive.routing import Routed, route
from apps.reports.archive import archive_figures
from apps.reports.counted import RESPONSES
from apps.reports.exactly import SHARES
from apps.reports.parts import part_of
from apps.reports.periods import Period
from apps.reports.questions import By, Question, Way
from apps.reports.recounting import count_noted
from apps.reports.sums import sums_of
from tests.archive.files import messages_of
from tests.archive.shared import ARCHIVE, CHECKOUT, TWEETS, needs_tweets

pytestmark = needs_tweets


def truth() -> Any:
    return json.loads((TWEETS / "episodes.json").read_text())


def reported() -> Any:
    out = io.StringIO()
    call_command("import_tweets", str(ARCHIVE), "--report=json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_the_archive_has_its_true_figures_also_when_delivered_twice() -> None:
    assert reported() == truth()
    assert reported() == truth()
    assert Message.objects.count() == truth()["all"]["inbound"] + truth()["all"]["outbound"]
    _every_cell_is_as_true_by_command_and_within_its_bucket_by_rollups()
    _nasty_rows_are_stored_as_they_were_written()
    _near_duplicates_are_as_many_as_in_truth()


def _every_cell_is_as_true_by_command_and_within_its_bucket_by_rollups() -> None:
    out = io.StringIO()
    call_command("report", "response_times", "--by=channel", "--json", stdout=out)
    told, wanted = json.loads(out.getvalue()), truth()
    for name, of in [*wanted["channels"].items(), (None, wanted["all"])]:
        cells = told["channels"][name] if name else told["all"]
        for kind in RESPONSES:
            assert cells[kind] == of[kind], (name, kind)
        assert (cells["running_first"], cells["running_next"]) == (
            of["running_first"],
            of["running_next"],
        )
    assert told["channels"].keys() == wanted["channels"].keys()
    count_noted(at=timezone.now())
    question = Question(
        user=User(role=User.Role.ADMIN),
        period=Period(date.fromisoformat(told["from"]), date.fromisoformat(told["to"])),
        at=timezone.now(),
        way=Way.ROLLUPS,
    )
    part = part_of(question)
    assert part
    along = part.along(By.CHANNEL)
    assert along
    names = dict(Channel.objects.values_list("id", "account_id"))
    for kind in RESPONSES:
        lines = sums_of(question, By.CHANNEL, along, kind)[kind]
        for channel_id, sums in lines.items():
            of = wanted["channels"][names[int(str(channel_id))]][kind]
            assert sums.count == of["n"]
            estimates = sums.histogram.percentiles(*SHARES.values())
            for share, estimate in zip(SHARES, estimates, strict=True):
                assert estimate is None or estimate.low <= of[share] <= estimate.high, share


def _nasty_rows_are_stored_as_they_were_written() -> None:
    nasty = json.loads((TWEETS / "nasty.json").read_text())
    rows = {str(row["tweet_id"]): row for row in nasty if row["file"] == ARCHIVE.name}
    stored = Message.objects.filter(external_id__in=rows)
    assert {message.external_id for message in stored} == set(rows)
    for message in stored:
        row = rows[message.external_id or ""]
        assert message.text == row["text"], row["why"]
        assert (message.parent_id_there or "") == row["in_response_to_tweet_id"]


def _near_duplicates_are_as_many_as_in_truth() -> None:
    out = io.StringIO()
    call_command("sameness", "--report=json", stdout=out)
    counted = json.loads(out.getvalue())["channels"]
    canned = json.loads((TWEETS / "truth.json").read_text())["canned"]
    brands = [brand for brand, true in canned.items() if true["replies"] >= 20]
    assert len(brands) == 24
    for brand in brands:
        assert counted[brand]["replies"] == canned[brand]["replies"]
        off = counted[brand]["near_dup_share"] - canned[brand]["near_dup_share"]
        assert abs(off) <= 0.04, brand


@pytest.mark.django_db
def test_shuffled_and_doubled_messages_known_by_their_parents_end_in_the_same_figures() -> None:
    routes = route(messages_of(ARCHIVE.read_bytes()))
    channels = channels_of(list(routes.by_brand), at=timezone.now())
    shared = _trees_of_several_brands(routes)
    messages = [
        (channels[brand], said if said.tree_id in shared else replace(said, tree_id=None))
        for brand, told in routes.by_brand.items()
        for said in told
    ]
    shuffled = random.Random(20171031)
    messages += shuffled.sample(messages, 2000)
    shuffled.shuffle(messages)
    for start in range(0, len(messages), BATCH):
        batch = [Arrival(channel, said) for channel, said in messages[start : start + BATCH]]
        receive(batch, at=timezone.now())
        if start in {0, 2 * BATCH, 6 * BATCH}:
            look_at_tables_anew()
    assert archive_figures(list(channels.values()), left_out=routes.left_out) == truth()


def _trees_of_several_brands(routes: Routed) -> set[str | None]:
    """Threads that other brands' posts, which don't come with them, may hold together."""
    counts = Counter(
        tree_id for told in routes.by_brand.values() for tree_id in {m.tree_id for m in told}
    )
    return {tree_id for tree_id, count in counts.items() if count > 1}


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_halfway_goes_on_when_run_again() -> None:
    database = urlsplit(os.environ["DATABASE_URL"])
    name = f"/{connection.settings_dict['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_tweets", str(ARCHIVE)],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": database._replace(path=name).geturl()},
        stderr=subprocess.DEVNULL,
    )
    while Message.objects.count() < 2000:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 2000 <= Message.objects.count() < 8000
    assert reported() == truth()
