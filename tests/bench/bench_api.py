"""Whether the API's lists stay as fast over 1,000,000 messages, and how much it takes in a second.

Lists of 25 are asked for through all of Django, by a program's token, over a short and a long
history in turn; each time is the best of some. Messages are posted to the web process as `make up`
runs it, one a request and a hundred a request, and are all there once they are drained.
"""

import json
import math
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
RATIO, SLOWEST_MS = 2.0, 25.0
SINGLES, BATCHED = 500, 5_000
SECONDS, CONNECTIONS, IN_A_BATCH = 5, 16, 100
Measured = Mapping[str, tuple[float, int]]


@pytest.mark.django_db(transaction=True)
@override_settings(API_RATE="999999999/s", TOKEN_RATE="999999/s")
def bench_api_lists() -> None:
    now = datetime.now(UTC)
    found: list[Measured] = []
    for messages in (SMALL, LARGE):
        with kept_desk(messages, agents=AGENTS, now=now):
            found.append(_lists(now))
    small, large = found
    told = {
        name: {
            "p95_ms": [round(small[name][0], 1), round(large[name][0], 1)],
            "ratio": round(large[name][0] / small[name][0], 2),
            "queries": [small[name][1], large[name][1]],
        }
        for name in small
    }
    print(json.dumps({"bench": "api_lists", "messages": [SMALL, LARGE], "lists": told}))
    for name, (slow_ms, queries) in large.items():
        assert queries == small[name][1], f"{name}: {small[name][1]} queries became {queries}"
        assert slow_ms <= SLOWEST_MS, f"{name}: {slow_ms:.1f} ms"
        assert slow_ms <= RATIO * small[name][0], f"{name}: {slow_ms:.1f} ms"


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


def _lists(now: datetime) -> Measured:
    ada = User.objects.filter(role=User.Role.ADMIN).earliest("id")
    client = Client(headers={"authorization": f"Bearer {a_token(ada, *SCOPES)}"})
    newest = Message.objects.latest("id").received_at
    event = Event.objects.latest("id").pk
    instants = {
        "lately": (newest - timedelta(hours=1)).isoformat(),
        "now": now.isoformat(),
    }
    addresses = {
        "conversations": "conversations/",
        "conversations that wait": "conversations/?is_waiting=true",
        "conversations changed lately": f"conversations/?updated_since={instants['lately']}",
        "conversations changed now": f"conversations/?updated_since={instants['now']}",
        "messages": "messages/",
        "messages changed lately": f"messages/?updated_since={instants['lately']}",
        "messages changed now": f"messages/?updated_since={instants['now']}",
        "messages of a conversation": "messages/?conversation=1",
        "clocks": "clocks/",
        "customers": "customers/",
        "identities": "identities/",
        "events": f"events/?after={max(0, event - 1000)}",
    }
    return {name: _measured(client, address) for name, address in addresses.items()}


def _measured(client: Client, address: str) -> tuple[float, int]:
    """Return the 95th percentile in milliseconds, and how many queries it takes."""
    address = f"/api/v1/{address}".replace("+00:00", "Z")
    client.get(address)
    with CaptureQueriesContext(connection) as context:
        assert client.get(address).status_code == 200, address
    best = [math.inf] * ASKED
    for _ in range(ROUNDS):
        for place in range(ASKED):
            began = time.perf_counter()
            client.get(address)
            best[place] = min(best[place], time.perf_counter() - began)
    return 1000 * statistics.quantiles(best, n=20)[-1], len(context)


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
