"""How many webhooks a second are kept, beside a bare view's INSERTs on the same server.

The desk finds the channel, checks the signature, commits a Delivery and rings the doorbell. Both
are served by the same granian with the same options, over the same database, and asked in turn.
"""

import json
import re
import shutil
import statistics
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from apps.intake.models import Delivery
from socialdesk.supervisor.parts import Part
from tests.bench import bare
from tests.bench.serving import part, serving
from tests.intake.test_webhook import a_post, body_of, signed
from tests.live.processes import free_port
from tests.people import a_channel

ROUNDS, SECONDS, CONNECTIONS = 5, 4, 32
LEAST = 0.6


@pytest.mark.django_db(transaction=True)
def bench_webhook(tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        pytest.skip(
            "bench_webhook needs wrk, which asks a server as fast as it answers. Install it."
        )
    channel = a_channel()
    body = body_of(a_post())
    script = tmp_path / "post.lua"
    script.write_text(_script(body, signed(body)))
    with connection.cursor() as cursor:
        cursor.execute(bare.TABLE)

    with ExitStack() as running:
        ports = {"desk": free_port(), "bare": free_port()}
        parts = {"desk": part("web", ports["desk"]), "bare": _bare(ports["bare"])}
        for name, it in parts.items():
            running.enter_context(serving(name, it.command, it.environment, port=ports[name]))
        urls = {
            "desk": f"http://127.0.0.1:{ports['desk']}/hooks/{channel.pk}/",
            "bare": f"http://127.0.0.1:{ports['bare']}/",
        }
        for url in urls.values():
            _rate(url, script, seconds=2)
        rates: dict[str, list[float]] = {"desk": [], "bare": []}
        for _ in range(ROUNDS):
            for name, url in urls.items():
                rates[name].append(_rate(url, script, seconds=SECONDS))

    desk, peer = (statistics.median(rates[name]) for name in ("desk", "bare"))
    ratio = round(desk / peer, 2)
    told = {
        "bench": "webhook",
        "desk_per_second": round(desk),
        "bare_per_second": round(peer),
        "ratio": ratio,
        "rounds": [round(a / b, 2) for a, b in zip(rates["desk"], rates["bare"], strict=True)],
        "kept": Delivery.objects.count(),
    }
    print(json.dumps(told))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bare_delivery")
    assert ratio >= LEAST


def _bare(port: int) -> Part:
    """The same command but for its application."""
    web = part("web", port)
    return Part("bare", [*web.command[:-1], "tests.bench.bare:application"])


def _script(body: bytes, headers: dict[str, str]) -> str:
    """Return what wrk is to send, in its own language."""
    lines = ["wrk.method = 'POST'", f"wrk.body = {json.dumps(body.decode())}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(headers[name])}" for name in headers]
    return "\n".join(lines)


def _rate(url: str, script: Path, *, seconds: int) -> float:
    """Return the accepted requests a second; any other answer fails the bench."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    assert found, told
    return float(found[1])
