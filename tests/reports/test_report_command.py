import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.people import NOON, Kim, a_channel, a_team, ana
from tests.reports.asking import answered_after

pytestmark = pytest.mark.django_db


def told(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("report", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_command_tells_every_report_as_json_and_as_a_table() -> None:
    ana()
    one, namesake = a_channel("@acme"), a_channel("@acme", account_id="2", team=a_team("B"))
    answered_after(one, 2, person="a", language="de")
    Kim(namesake, author_id="b").writes(at=NOON)

    times = told("response_times", "--by", "channel")
    assert times["channels"] == {
        f"acme #{one.pk}": {
            "first_response": {"n": 1, "p50": 120, "p90": 120, "p99": 120},
            "next_response": {"n": 0, "p50": None, "p90": None, "p99": None},
            "running_first": 0,
            "running_next": 0,
        },
        f"acme #{namesake.pk}": {
            "first_response": {"n": 0, "p50": None, "p90": None, "p99": None},
            "next_response": {"n": 0, "p50": None, "p90": None, "p99": None},
            "running_first": 1,
            "running_next": 0,
        },
    }
    assert times["from"] == "2026-03-02"
    assert times["exact"] is True
    assert told("response_times", "--to", "2026-03-01")["channels"] == {}
    assert told("resolution", "--by", "language", "--exact")["all"]["running"] == 2
    assert told("compliance", "--by", "team")["all"]["first_response"]["share"] is None
    assert told("volume", "--by", "agent")["agents"] == {
        "Ana Bauer": {"inbound": 0, "outbound": 1},
        "Nobody known": {"inbound": 2, "outbound": 0},
    }

    out = io.StringIO()
    call_command("report", "response_times", "--by", "hour_of_week", stdout=out)
    assert "Mon 13:00" in out.getvalue()
    with pytest.raises(CommandError, match="swap"):
        told("volume", "--from", "2026-03-02", "--to", "2026-03-01")
