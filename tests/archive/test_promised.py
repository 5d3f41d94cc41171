"""An archive under a policy: how its waits stand equals what follows from the CSV alone."""

import gzip
import io
import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests.archive.files import a_file, tweet
from tests.archive.from_the_csv import standings
from tests.archive.shared import ARCHIVE, needs_tweets

pytestmark = pytest.mark.django_db

PROMISE = timedelta(minutes=15)


@pytest.fixture
def a_quarter_of_an_hour() -> PolicyVersion:
    said = PolicyVersion(name="Archive", first_response_minutes=15, next_response_minutes=15)
    return save_policy(said=said, by=None, at=timezone.now() - timedelta(minutes=1))


def reported(file: Path) -> Any:
    out = io.StringIO()
    call_command("import_tweets", str(file), "--report=json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def promised(file: Path) -> dict[str, Any]:
    channels = reported(file)["channels"]
    return {brand: figures["promised"] for brand, figures in channels.items()}


def from_the_csv(text: str) -> dict[str, Any]:
    found = standings(io.StringIO(text, newline=""), PROMISE)
    return {
        brand: {kind: asdict(stand) for kind, stand in kinds.items()}
        for brand, kinds in found.items()
    }


@needs_tweets
def test_real_tweets_stand_as_the_csv_alone_tells(a_quarter_of_an_hour: PolicyVersion) -> None:
    wanted = from_the_csv(gzip.decompress(ARCHIVE.read_bytes()).decode())
    assert promised(ARCHIVE) == wanted
    everything = [stand for kinds in wanted.values() for stand in kinds.values()]
    assert min(sum(stand[how] for stand in everything) for how in everything[0]) > 100


def test_a_reply_at_the_very_second_is_met_and_one_second_later_breached(
    tmp_path: Path, a_quarter_of_an_hour: PolicyVersion
) -> None:
    file = a_file(
        tmp_path,
        tweet(1, "100", "@acme it drops", minute=0),
        tweet(2, "acme", "we look ^AB", under=1, minute=15),
        tweet(3, "200", "@acme mine too", under=1, minute=1),
        tweet(4, "acme", "and yours ^AB", under=3, minute=16 + 1 / 60),
        tweet(5, "100", "and now?", under=2, minute=30),
        tweet(6, "300", "@shop hello?", minute=2),
        tweet(7, "shop", "yes?", under=99, minute=3),
    )
    none = {"met": 0, "breached": 0, "running": 0}
    assert (
        promised(file)
        == from_the_csv(file.read_text())
        == {
            "acme": {
                "first_response": {"met": 1, "breached": 1, "running": 0},
                "next_response": none | {"running": 1},
            },
            "shop": {"first_response": none | {"running": 1}, "next_response": none},
        }
    )


def test_without_a_policy_nothing_is_said_about_promises(tmp_path: Path) -> None:
    file = a_file(tmp_path, tweet(1, "100", "@acme hello"), tweet(2, "acme", "yes", under=1))
    assert all("promised" not in figures for figures in reported(file)["channels"].values())


def test_a_policy_saved_after_the_import_judges_nothing_of_it(tmp_path: Path) -> None:
    file = a_file(tmp_path, tweet(1, "100", "@acme hello"), tweet(2, "acme", "yes", under=1))
    reported(file)
    said = PolicyVersion(name="Archive", first_response_minutes=15)
    save_policy(said=said, by=None, at=timezone.now())
    assert all("promised" not in figures for figures in reported(file)["channels"].values())
