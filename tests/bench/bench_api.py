"""Whether the API's lists stay as fast over 1,000,000 messages, and how much it takes in a second.

Lists of 25 are asked for through all of Django, by a program's token, over a short and a long
history in turn; each time is the best of some. What changed lately is as much in both. Messages are
posted to the web process as `make up` runs it, one a request and a hundred a request, and are all
there once they are drained.
"""

import json
import math
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from apps.agents.models import User
from apps.agents.programs import SCOPES
from apps.conversations.models import Message
from apps.intake.models import Delivery
from apps.intake.operations import drain
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import a_token
from tests.bench.filling import AGENTS
from tests.bench.keeping import kept_desk
from tests.bench.serving import part, serving
from tests.live.processes import free_port

SMALL, LARGE = 10_000, 1_000_000
ROUNDS, ASKED = 4, 10
RATIO, SLOWEST_MS, MOST_QUERIES = 2.0, 25.0, 5
SINGLES, BATCHED = 500, 5_000
SECONDS, CONNECTIONS, IN_A_BATCH = 5, 16, 100
LATELY = 50
COPIED = ("conversations", "messages", "clocks", "customers", "identities")


@pytest.mark.django_db(transaction=True)
@override_settings(API_RATE="999999999/s", TOKEN_RATE="999999/s")
def bench_api_lists() -> None:
    now = datetime.now(UTC)
    asked = {messages: _lists(messages, now=now) for messages in (SMALL, LARGE)}
    for _ in range(ROUNDS):
        for messages, lists in asked.items():
            with kept_desk(messages, agents=AGENTS, now=now):
                for each in lists.values():
                    each.ask()
    told = {
        name: {
            "p95_ms": [round(lists[name].p95_ms, 1) for lists in asked.values()],
            "ratio": round(asked[LARGE][name].p95_ms / small.p95_ms, 2),
            "queries": [lists[name].queries for lists in asked.values()],
        }
        for name, small in asked[SMALL].items()
    }
    print(json.dumps({"bench": "api_lists", "messages": [SMALL, LARGE], "lists": told}))
    for name, large in asked[LARGE].items():
        small = asked[SMALL][name]
        assert large.queries <= MOST_QUERIES, f"{name}: {large.queries} queries"
        assert large.queries == small.queries, f"{name}: {small.queries} became {large.queries}"
        assert large.p95_ms <= SLOWEST_MS, f"{name}: {large.p95_ms:.1f} ms"
        assert large.p95_ms <= RATIO * small.p95_ms, f"{name}: {large.p95_ms:.1f} ms"


@pytest.mark.django_db(transaction=True)
def bench_api_inbound(tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        pytest.skip("bench_api needs wrk, which asks a server as fast as it answers. Install it.")
    team = people.a_team()
    channel = people.a_channel("Phone", team=team)
    channel.network = "generic"
    channel.save()
    token = a_token(people.ana(team), *SCOPES)
    port = free_port()
    web = part("web", port)
    address = f"http://127.0.0.1:{port}/api/v1/channels/{channel.pk}/messages/"
    free = {**web.environment, "API_RATE": "999999999/s"}
    rates = {}
    with serving("web", web.command, free, port=port):
        for name, size in (("single", 1), ("batch", IN_A_BATCH)):
            script = tmp_path / f"{name}.lua"
            script.write_text(_script(token, size))
            rates[name] = round(size * _rate(address, script))
    kept = Delivery.objects.count()
    drain()
    told = {
        "bench": "api_inbound",
        "messages_per_second": rates,
        "deliveries": kept,
        "stored": Message.objects.count(),
    }
    print(json.dumps(told))
    assert rates["single"] >= SINGLES
    assert rates["batch"] >= BATCHED


class Asked:
    """A list, asked for again and again; each place in the row of answers keeps its best time."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, f"/api/v1/{address}".replace("+00:00", "Z")
        self._best = [math.inf] * ASKED
        client.get(self._address)
        with CaptureQueriesContext(connection) as context:
            assert client.get(self._address).status_code == 200, address
            self.queries = len(context)

    def ask(self) -> None:
        self._client.get(self._address)
        for place in range(ASKED):
            began = time.perf_counter()
            self._client.get(self._address)
            self._best[place] = min(self._best[place], time.perf_counter() - began)

    @property
    def p95_ms(self) -> float:
        return 1000 * statistics.quantiles(self._best, n=20)[-1]


def _lists(messages: int, *, now: datetime) -> Mapping[str, Asked]:
    """Return what is asked for; lately is since so many events."""
    with kept_desk(messages, agents=AGENTS, now=now):
        ada = User.objects.filter(role=User.Role.ADMIN).earliest("id")
        client = Client(headers={"authorization": f"Bearer {a_token(ada, *SCOPES)}"})
        event = Event.objects.latest("id").pk
        lately = Event.objects.order_by("-at")[LATELY].at.isoformat()
        addresses = {
            "conversations": "conversations/",
            "conversations that wait": "conversations/?is_waiting=true",
            "messages": "messages/",
            "messages of a conversation": "messages/?conversation=1",
            "clocks": "clocks/",
            "customers": "customers/",
            "identities": "identities/",
            "events": f"events/?after={max(0, event - 1000)}",
            **{f"{name} changed lately": f"{name}/?updated_since={lately}" for name in COPIED},
        }
        return {name: Asked(client, address) for name, address in addresses.items()}


def _script(token: str, size: int) -> str:
    """Return what wrk is to send, in its own language: every message another one."""
    one: dict[str, Any] = {
        "id": "ID",
        "author_id": "AUTHOR",
        "author_handle": "+49 30 1234",
        "author_name": "Kim Lee",
        "text": "Please call me back about my router, it drops every evening since Monday.",
        "posted_at": "2026-11-25T15:48:13Z",
    }
    return "\n".join(
        [
            "wrk.method = 'POST'",
            "wrk.headers['Content-Type'] = 'application/json'",
            f"wrk.headers['Authorization'] = 'Bearer {token}'",
            f"local one, size, n = {json.dumps(json.dumps(one))}, {size}, 0",
            "request = function()",
            "  local all = {}",
            "  for i = 1, size do",
            "    n = n + 1",
            f"    local id = '{size}-' .. n",
            "    all[i] = one:gsub('ID', id):gsub('AUTHOR', 'a' .. n % 1000)",
            "  end",
            "  local body = size == 1 and all[1]",
            "    or '{\"messages\": [' .. table.concat(all, ',') .. ']}'",
            "  return wrk.format(nil, nil, nil, body)",
            "end",
        ]
    )


def _rate(url: str, script: Path) -> float:
    """Return the accepted requests a second; any other answer fails the bench."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told, told
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert found, told
    return float(found[1])
