"""Page, file, API and command tell the same of every cell, counted exactly and from rollups."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.agents.models import Membership, User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.console.figures_form import BREAKDOWNS
from apps.conversations.models import Clock, Conversation, ConversationTag, Message
from apps.conversations.operations import resolving
from apps.labels.models import Tag
from apps.reports import choosing
from apps.reports.questions import By
from apps.reports.recounting import count_everything
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests.api.conftest import Program, a_token
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    a_user,
    ana,
    arrive,
    ben,
    brand_says,
    conversation_of,
    minutes,
)
from tests.reports.asking import answered_after

pytestmark = pytest.mark.django_db

ANSWERED, RUNNING, DISMISSED, P50, P90, P99 = 0, 2, 3, 4, 6, 7
COUNTED = (ANSWERED, RUNNING, DISMISSED, 9, 10)
RANGES = [
    (date(2026, 3, 2), date(2026, 3, 2)),
    (date(2026, 2, 1), date(2026, 3, 4)),
    (date(2026, 1, 5), date(2026, 3, 31)),
]
Cells = dict[str, list[float | None]]


@pytest.fixture
def admin() -> Iterator[User]:
    """Ada, on a desk with a winter behind it: in time, late, dismissed, and what still waits."""
    promise = PolicyVersion(name="All", first_response_minutes=9, resolution_minutes=90)
    save_policy(said=promise, by=None, at=NOON - timedelta(days=99))
    agent, _ = ana(capacity=500), ben(capacity=500)
    other = a_team("Other")
    Membership.objects.create(user=agent, team=other)
    channels = [a_channel("@one"), a_channel("@two", team=other), a_channel("@three")]
    spread = zip(
        cycle(channels),
        cycle(("^AB", "^BW", "", "^AB", "^BW")),
        cycle(("de", "en", "", "fr")),
        cycle((Surface.MENTION, Surface.DIRECT, Surface.COMMENT)),
        range(24),
        strict=False,
    )
    for channel, signed, language, surface, number in spread:
        answered_after(
            channel,
            0.13 + number**2 / 17,
            person=f"k{number}",
            signed=signed,
            at=NOON - timedelta(hours=61 * number),
            language=language,
            surface=surface,
        )
        if number % 2:
            goes_on(channel, wait=number / 3, signed=signed)
    for number, channel in enumerate(channels):
        Kim(channel, author_id=f"w{number}").writes(at=NOON - timedelta(days=20 * number))
        thanks = Kim(channel, author_id=f"t{number}").writes("thanks", at=NOON)
        talk = conversation_of(thanks)
        resolving.resolve(conversation=talk, by=agent, at=NOON, no_reply_needed="only thanks")
    tag = Tag.objects.create(name="VIP", key="vip")
    for number, talk in enumerate(Conversation.objects.order_by("id")):
        if number % 3 == 0:
            ConversationTag.objects.create(conversation=talk, tag=tag)
        if number % 4 == 0:
            resolving.resolve(
                conversation=talk, by=agent, at=NOON + minutes(200), no_reply_needed="done"
            )
    count_everything(at=timezone.now())
    with time_machine.travel(NOON + timedelta(hours=9), tick=False):
        yield a_user("Ada Moreau", role="admin", team=a_team())


def goes_on(channel: Channel, *, wait: float, signed: str) -> None:
    """Whoever asked last asks again, and is answered after so many minutes."""
    first = Message.objects.filter(channel=channel, direction="inbound").latest("id")
    assert first.identity is not None
    at = first.said_at + minutes(50)
    again = Kim(channel, author_id=first.identity.external_id).writes(
        "and then?", at=at, parent_id=first.external_id, language="it"
    )
    done = brand_says(channel, f"yes {signed}", at=at + minutes(wait), parent_id=again.external_id)
    arrive(channel, done, at=at + minutes(wait))


def test_page_file_api_and_command_agree_cell_by_cell_and_a_recount_moves_nothing(
    admin: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(admin)
    program = Program(a_token(admin, "read"))
    asked = list(zip(BREAKDOWNS, cycle(Clock.Kind), cycle(RANGES), strict=False))
    for is_exact in (True, False):
        if not is_exact:
            monkeypatch.setattr(choosing, "EXACT_UP_TO", -1)
        told = [faces_agree(client, program, by, kind, *days, is_exact) for by, kind, days in asked]
        call_command("recount", stdout=io.StringIO())
        again = [in_the_file(client, query(by, kind, *days)) for by, kind, days in asked]
        assert again == told


def query(by: By, kind: str, first: date, last: date) -> str:
    return f"?by={by}&kind={kind}&first={first}&last={last}"


def faces_agree(
    client: Client, program: Program, by: By, kind: str, first: date, last: date, is_exact: bool
) -> Cells:
    """Return what the page tells, which is what all others tell, and adds up."""
    asked = query(by, kind, first, last)
    page = on_the_page(client, asked)
    assert in_the_file(client, asked) == page
    told = program.get(f"reports/response-times/{asked}").json()
    assert told["is_exact"] is is_exact
    assert by_the_api(told) == page
    lines = by_the_command(by, kind, first, last, is_exact)
    nothing = [0, None, None, None, 0]
    for name in {*lines, *(name.removeprefix("@") for name in page)}:
        cells = page.get(name) or page.get(f"@{name}")
        shown = [cells[one] for one in (ANSWERED, P50, P90, P99, RUNNING)] if cells else nothing
        assert lines[name] == shown, (by, kind, name)
    assert len(page) > 1
    if by is not By.TAG:
        adds_up(page)
    return page


def adds_up(page: Cells) -> None:
    for place in COUNTED:
        numbers = [cells[place] or 0 for name, cells in page.items() if name != "All"]
        assert sum(numbers) == page["All"][place]


def on_the_page(client: Client, asked: str) -> Cells:
    text = client.get(f"/dashboard/{asked}").text
    [table] = re.findall(r'<table id="table-lines".*?</table>', text, re.S)
    return {
        re.sub("<[^>]+>", "", head): [number(raw) for raw in re.findall('data-value="(.*?)"', rest)]
        for head, rest in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table, re.S)
    }


def in_the_file(client: Client, asked: str) -> Cells:
    answer = client.get(f"/dashboard/tables/lines.csv{asked}")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    return {head.removeprefix("'"): [number(raw) for raw in rest] for head, *rest in rows[1:]}


def by_the_api(told: Any) -> Cells:
    """In the page's columns, but what was before, which the API tells of the days before."""
    return {
        line["label"]: [
            line["count"],
            line["answered_share"],
            line["running"],
            line["dismissed"],
            line["p50"],
            ANY,
            line["p90"],
            line["p99"],
            line["compliance"],
            line["breached"],
            line["past_due"],
        ]
        for line in [*told["lines"], told["total"]]
    }


def by_the_command(by: By, kind: str, first: date, last: date, is_exact: bool) -> Cells:
    out = io.StringIO()
    report = "resolution" if kind == "resolution" else "response_times"
    days = (f"--from={first}", f"--to={last}")
    call_command("report", report, f"--by={by}", *days, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["exact"] is is_exact
    running = {"resolution": "running", "first_response": "running_first"}.get(kind, "running_next")
    lines = {**told[f"{by}s"], "All": told["all"]}
    return {
        name: [*(line[kind][figure] for figure in ("n", "p50", "p90", "p99")), line[running]]
        for name, line in lines.items()
    }


def number(raw: str) -> float | None:
    return float(raw) if raw else None
