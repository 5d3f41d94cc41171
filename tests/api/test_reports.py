"""Figures by the API are those of the command and of every page: one question, one answer."""

import io
import json

import pytest
from django.core.management import call_command

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock
from apps.reports import queries
from apps.reports.questions import By
from tests import people
from tests.api.conftest import Program
from tests.people import NOON, Kim
from tests.reports.asking import answered_after, asked

pytestmark = pytest.mark.django_db
DAY = "first=2026-03-02&last=2026-03-02"


def test_the_api_tells_what_the_command_and_the_pages_tell(
    crm: Program, kim: Kim, ana: User
) -> None:
    answered_after(kim.channel, 3, person="a", language="de")
    answered_after(kim.channel, 5, person="b", language="en")
    Kim(kim.channel, author_id="c").writes(at=NOON)
    answered_after(people.a_channel("@other", team=people.a_team("B")), 60, person="d")

    told = crm.get(f"reports/response-times/?{DAY}&by=channel").json()
    for by in By:
        answer = queries.response_times(asked(ana), kind=Clock.Kind.FIRST_RESPONSE, by=by)
        lines = crm.get(f"reports/response-times/?{DAY}&by={by}").json()["lines"]
        assert [(line["label"], line["count"], line["p90"]) for line in lines] == [
            (line.label, line.count, line.p90) for line in answer.lines
        ]
    out = io.StringIO()
    arguments = ("--from=2026-03-02", "--to=2026-03-02", "--json")
    call_command("report", "response_times", "--by=channel", *arguments, stdout=out)
    [line] = told["lines"]
    cell = json.loads(out.getvalue())["channels"][kim.channel.handle.removeprefix("@")]
    assert {"n": line["count"], **{p: line[p] for p in ("p50", "p90", "p99")}} == cell[
        "first_response"
    ]
    assert (told["is_exact"], told["total"]["count"], told["total"]["running"]) == (True, 2, 1)

    assert crm.get(f"reports/response-times/?{DAY}&language=de").json()["total"]["p50"] == 180
    assert crm.get(f"reports/volume/?{DAY}").json()["total"]["inbound"] == 3
    assert crm.get(f"reports/legs/?{DAY}").json() == {"count": 0, "bound": 0.0, "lines": []}
    elsewhere = Channel.objects.get(handle="@other")
    for named in (
        f"channel={elsewhere.pk}",
        f"team={elsewhere.team_id}",
        f"agent={people.ben().pk}",
    ):
        theirs = crm.get(f"reports/response-times/?{DAY}&{named}").json()
        assert (theirs["total"]["count"], theirs["total"]["running"]) == (0, 0)
        assert crm.get(f"reports/legs/?{DAY}&{named}").json()["count"] == 0
    refused = crm.get("reports/response-times/?first=2026-03-02&last=2026-03-01&kind=guess")
    assert refused.status_code == 400
    assert crm.post("reports/volume/", {}).status_code in {403, 405}
