"""`manage.py import_tweets`, and what an archive does to a desk: nothing but be there."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.client import PubSub

from apps.channels.models import Channel
from apps.common import bus
from apps.common.counting import counted_together
from apps.common.doorbell import pass_on
from apps.common.errors import DeskError
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import replying, routing
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Queue
from apps.ledger.models import Event
from apps.reports import wallboard
from tests.archive.files import HEADER, a_file, tweet
from tests.people import NOON, a_team, a_user, ana

pytestmark = pytest.mark.django_db

TALK = [
    tweet(1, "100", "@acme it drops 😩\rstill"),
    tweet(2, "acme", "we look ^AB", under=1, minute=2),
    tweet(3, "100", "thanks, and?", under=2, minute=5),
]


def imported(file: Path, *options: str) -> tuple[str, str]:
    """Run the command; return what it printed, and what it told people."""
    out, told = io.StringIO(), io.StringIO()
    call_command("import_tweets", str(file), *options, stdout=out, stderr=told)
    return out.getvalue(), out.getvalue() + told.getvalue()


def test_a_file_is_imported_and_its_figures_are_printed(tmp_path: Path) -> None:
    out, told = imported(a_file(tmp_path, *TALK), "--report", "json")
    figures = json.loads(out)
    assert list(figures) == ["threads", "threads_left_out", "channels", "all"]
    assert figures["channels"]["acme"]["first_response"]["p50"] == 120
    assert "Messages stored: 3; known before: 0." in told
    assert Message.objects.get(external_id="1").text == "@acme it drops 😩\rstill"
    assert str(Channel.objects.get()) == "@acme · Archive"


def test_imported_again_it_changes_nothing(tmp_path: Path) -> None:
    file = a_file(tmp_path, *TALK)
    first, _ = imported(file, "--report", "json")
    events = Event.objects.count()
    again, told = imported(file, "--report", "json")
    assert again == first
    assert "Messages stored: 0; known before: 3." in told
    assert Event.objects.count() == events


def test_what_comes_later_joins_what_is_there(tmp_path: Path) -> None:
    imported(a_file(tmp_path, TALK[0], TALK[1]))
    out, _ = imported(a_file(tmp_path, *TALK, tweet(4, "acme", under=3, minute=6)), "--report=json")
    assert json.loads(out)["channels"]["acme"]["next_response"] == {
        "n": 1,
        "p50": 60,
        "p90": 60,
        "p99": 60,
    }


def test_odd_rows_are_told_by_line_and_the_rest_is_imported(tmp_path: Path) -> None:
    bad = tweet(9, "100")
    bad[HEADER.index("created_at")] = "yesterday"
    empty = [""] * len(HEADER)
    _, told = imported(a_file(tmp_path, *TALK, bad, empty, empty, tweet(4, "acme", under=3)))
    assert "tweets.csv, line 5: Set aside. created_at is 'yesterday'" in told
    assert "tweets.csv, lines 6 to 7: Set aside. The row is empty." in told
    assert "Rows set aside: 3." in told
    assert Message.objects.count() == 4


@pytest.mark.parametrize("body", [None, b'{"results": []}', b""])
def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path: Path, body: bytes | None) -> None:
    file = tmp_path / "tweets.csv"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(CommandError, match=r"tweets\.csv can't be imported: "):
        imported(file)


def test_nobody_is_assigned_what_was_said_long_ago(tmp_path: Path) -> None:
    ana(a_team("Archive"), capacity=500)
    imported(a_file(tmp_path, *TALK))
    conversation = Conversation.objects.get()
    assert conversation.waiting_since
    assert routing.route_waiting(at=timezone.now()) == 0
    assert routing.route(conversation_ids=[conversation.pk], at=timezone.now()) == 0
    conversation.refresh_from_db()
    assert conversation.assignee is None


@pytest.mark.django_db(transaction=True)
def test_no_open_page_is_told(tmp_path: Path) -> None:
    with bus.connection().pubsub() as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(bus.NUDGE_CHANNEL)
        assert ear.get_message(timeout=2)
        _nudged_before(ear, "the import")  # what earlier tests said last
        imported(a_file(tmp_path, TALK[0], TALK[1], tweet(5, "100", "@acme?", under=4)))
        imported(a_file(tmp_path, tweet(4, "acme", under=2)))  # joins both threads
        assert Event.objects.filter(kind="received").count() == 4
        assert Event.objects.filter(kind="merged").count() == 1
        assert _nudged_before(ear, "the end") == []


def _nudged_before(ear: PubSub, sign: str) -> list[dict[str, Any]]:
    """What open pages are told until a sign of our own, which waits its turn behind it."""
    pass_on([{"kind": sign}])
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1]["kind"] != sign:
        said = ear.get_message(timeout=5)
        assert said, f"{sign} was not heard"
        heard.append(json.loads(said["data"]))
    return heard[:-1]


def test_nobody_can_be_answered_there(tmp_path: Path) -> None:
    admin = a_user("Ada Min", role="admin")
    imported(a_file(tmp_path, *TALK))
    conversation = Conversation.objects.get()
    with pytest.raises(DeskError, match="@acme · Archive can't be answered here"):
        replying.reply(conversation=conversation, text="hi", by=admin, session_key="s", at=NOON)
    assert not Message.objects.filter(origin="desk").exists()


def test_the_console_shows_the_talk_without_a_composer(tmp_path: Path) -> None:
    imported(a_file(tmp_path, *TALK))
    browser = Client()
    browser.force_login(a_user("Ada Min", role="admin"))
    page = browser.get(f"/conversations/{Conversation.objects.get().pk}/").text
    assert "thanks, and?" in page
    assert "nobody can be answered there" in page
    assert 'id="reply-text"' not in page


def test_nobody_delivers_to_an_archive_over_the_network(tmp_path: Path) -> None:
    imported(a_file(tmp_path, *TALK))
    [channel] = Channel.objects.all()
    answer = Client().post(
        reverse("webhook", args=[channel.pk]), b"{}", content_type="application/json"
    )
    assert answer.status_code == 401


def test_what_an_archive_left_unanswered_waits_in_no_queue_and_on_no_wallboard(
    tmp_path: Path,
) -> None:
    admin = a_user("Ada Min", role="admin")
    imported(a_file(tmp_path, *TALK))
    assert Conversation.objects.get().waiting_since is not None
    now = timezone.now()
    everyone = Asked(Queue.EVERYONE)
    assert counted_together(inbox.to_count(admin, {"all": everyone}, at=now)) == {"all": 0}
    assert not inbox.page(admin, Asked(Queue.UNASSIGNED), at=now).rows
    assert wallboard.now(user=admin, at=NOON).waiting == 0
