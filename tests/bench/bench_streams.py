"""From publishing a nudge to the bytes in 1,000 open lists, beside bare sockets.

The desk's live part runs as `make up` runs it, with a session behind every stream; nudges go the
real way, by `ledger.nudge` and Redis. The peer is a loop that writes prepared bytes to sockets and
knows neither sessions nor teams. Both are heard by the same client, in turn.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import redis
from django.conf import settings

from apps.ledger.recording import nudge
from tests.bench.serving import part, serving
from tests.live.conftest import sign_in
from tests.live.processes import Bus, free_port
from tests.people import a_team, a_user

STREAMS, PEOPLE = 1_000, 100
ROUNDS, SECONDS, NUDGES_PER_SECOND = 3, 8, 10
BARE_SOCKETS = settings.BASE_DIR.parent / "shared/bench/limits/rawsrv.py"
BARE_BUS_PORT = 56379  # where the bare sockets' program looks for its bus


@dataclass
class Heard:
    """What one side delivered in all rounds, and the CPU it took."""

    delays: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        percentiles = statistics.quantiles(self.delays, n=100)
        deliveries = len(self.delays) / len(self.cpu_seconds)
        return {
            "p50_ms": round(percentiles[49], 1),
            "p99_ms": round(percentiles[98], 1),
            "cpu_us_per_delivery": round(1e6 * statistics.median(self.cpu_seconds) / deliveries, 1),
        }


@pytest.mark.django_db(transaction=True)
def bench_streams(tmp_path: Path) -> None:
    people = [a_user(f"Agent{number} Bench", team=a_team()) for number in range(PEOPLE)]
    sessions = [sign_in(people[number % PEOPLE]) for number in range(STREAMS)]
    team_id = a_team().pk
    desk, bare = Heard(), Heard()

    def to_desk(sent_at: float) -> None:
        nudge(kind="typing", team_id=team_id, data={"sent_at": sent_at})

    for _ in range(ROUNDS):
        port = free_port()
        live = part("live", port)
        with serving("live", live.command, live.environment, port=port) as process:
            _hear(process, port, [_request(key) for key in sessions], to_desk, desk)
        if BARE_SOCKETS.exists():
            with _bare_sockets(tmp_path) as (process, port, to_bare):
                _hear(process, port, [_request("")] * STREAMS, to_bare, bare)

    told: dict[str, object] = {"bench": "streams", "streams": STREAMS, "desk": desk.told()}
    if bare.delays:
        told["bare"] = bare.told()
        ratio = statistics.median(desk.cpu_seconds) / statistics.median(bare.cpu_seconds)
        told["cpu_ratio"] = round(ratio, 2)
    else:
        told["bare"] = f"NOT MEASURED: {BARE_SOCKETS.name} of the shared limits is not here"
    print(json.dumps(told))


@contextmanager
def _bare_sockets(
    folder: Path,
) -> Iterator[tuple["subprocess.Popen[bytes]", int, Callable[[float], None]]]:
    port, bus = free_port(), Bus(port=BARE_BUS_PORT, folder=folder)
    with ExitStack() as running:
        running.callback(bus.kill)
        bus.start()
        command = [sys.executable, str(BARE_SOCKETS), str(port)]
        process = running.enter_context(serving("bare", command, {}, port=port))
        client = running.enter_context(redis.Redis(port=BARE_BUS_PORT))

        def publish(sent_at: float) -> None:
            client.publish("bc", json.dumps({"sent_at": sent_at}, separators=(",", ":")))

        yield process, port, publish


def _hear(
    server: "subprocess.Popen[bytes]",
    port: int,
    requests: list[str],
    publish: Callable[[float], None],
    heard: Heard,
) -> None:
    """Open all streams, publish at a steady pace, and note the delays and the server's CPU."""
    command = [sys.executable, "-m", "tests.bench.listening", str(port)]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as client:
        assert client.stdin
        assert client.stdout
        client.stdin.write(json.dumps(requests) + "\n")
        client.stdin.flush()
        assert client.stdout.readline() == "open\n"
        time.sleep(2)
        before = _cpu_seconds(server)
        for _ in range(SECONDS * NUDGES_PER_SECOND):
            publish(time.monotonic())
            time.sleep(1 / NUDGES_PER_SECOND)
        time.sleep(1)
        heard.cpu_seconds.append(_cpu_seconds(server) - before)
        client.stdin.close()
        delays = json.loads(client.stdout.readline())
    assert len(delays) == len(requests) * SECONDS * NUDGES_PER_SECOND
    heard.delays += delays


def _request(session_key: str) -> str:
    lines = ["GET /live HTTP/1.1", "Host: 127.0.0.1", f"Cookie: sessionid={session_key}"]
    return "\r\n".join(lines) + "\r\n\r\n"


def _cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    whole = psutil.Process(process.pid)
    times = [each.cpu_times() for each in [whole, *whole.children(recursive=True)]]
    return sum(each.user + each.system for each in times)
