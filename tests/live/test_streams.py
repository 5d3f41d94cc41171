import asyncio
import signal
import socket
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import redis

from apps.agents.models import Team, User
from apps.common.bus import NUDGE_CHANNEL
from tests.live.conftest import sign_in
from tests.live.ears import Ear, request
from tests.live.processes import Bus, Live, free_port, running_live

Listen = Callable[[str], Ear]
Publish = Callable[..., None]

CROWD = 500


def test_a_killed_bus_is_told_and_nudges_arrive_again_after_its_return(
    bus: Bus, listen: Listen, publish: Publish, ana: User, care: Team
) -> None:
    ear = listen(sign_in(ana))

    bus.kill()
    ear.wait_for("bus-down", seconds=2)
    bus.start()
    ear.wait_for("bus-up", count=2, seconds=10)
    publish(care, 9)

    assert ear.wait_for("message").data["conversations"] == [9]
    assert ear.ended_at is None


def test_whoever_comes_while_the_bus_is_away_is_told_so(
    bus: Bus, live: Live, listen: Listen, ana: User
) -> None:
    session_key = sign_in(ana)
    listen(session_key)
    bus.kill()
    try:
        time.sleep(1)
        ear = Ear(live, session_key)
        ear.wait_for("bus-down", seconds=2)
    finally:
        bus.start()

    ear.wait_for("bus-up", seconds=10)
    ear.close()


def test_what_is_no_nudge_is_left_out_and_harms_nothing(
    bus: Bus, listen: Listen, publish: Publish, ana: User, care: Team
) -> None:
    ear = listen(sign_in(ana))

    with redis.Redis.from_url(bus.url) as client:
        for junk in (b"\xff", b"null", b"{}", b'{"kind": "changed", "team": null}'):
            client.publish(NUDGE_CHANNEL, junk)
    publish(care, 3)

    assert ear.wait_for("message").data["conversations"] == [3]


def test_presence_is_passed_on_as_published(
    bus: Bus, listen: Listen, ana: User, care: Team
) -> None:
    ear = listen(sign_in(ana))

    with redis.Redis.from_url(bus.url) as client:
        client.publish(NUDGE_CHANNEL, f'{{"kind":"presence","team":{care.id},"user":{ana.id}}}')

    assert ear.wait_for("message").data == {"kind": "presence", "user": ana.id}


def test_a_flood_of_changes_becomes_look_again(
    listen: Listen, publish: Publish, ana: User, care: Team
) -> None:
    ear = listen(sign_in(ana))

    publish(care, *range(1_000))

    assert ear.wait_for("message").data == {"kind": "refresh"}


def test_a_browser_that_does_not_read_is_dropped_and_delays_nobody(
    bus: Bus, live: Live, listen: Listen, publish: Publish, ana: User, care: Team
) -> None:
    session_key = sign_in(ana)
    ear = listen(session_key)
    slow = socket.create_connection(("127.0.0.1", live.port))
    slow.sendall(request(live, session_key, origin=live.origin))
    time.sleep(0.5)

    with redis.Redis.from_url(bus.url) as client:
        for number in range(40):  # more than all buffers on the way hold
            padding = f'"pad":"{number:0500000}"'
            client.publish(NUDGE_CHANNEL, f'{{"kind":"typing","team":{care.id},{padding}}}')
            ear.wait_for("message", count=number + 1)
    delays = []
    for number in range(110):
        published_at = time.monotonic()
        publish(care, number)
        delays.append(ear.wait_for("message", count=41 + number).at - published_at)
        time.sleep(0.1)

    assert statistics.median(delays) < 0.1
    assert max(delays) < 2  # waiting for the slow one would take ten
    slow.settimeout(5)
    while slow.recv(1_000_000):  # what was on its way, then the end
        pass


def test_five_hundred_browsers_all_hear(
    live: Live, publish: Publish, ana: User, care: Team
) -> None:
    session_key = sign_in(ana)

    crowd = _crowd(live, session_key, lambda: publish(care, 77))
    with ThreadPoolExecutor(1) as own:  # Playwright may have a loop running in this thread
        delays = own.submit(asyncio.run, crowd).result()

    assert len(delays) == CROWD
    assert max(delays) < 3


def test_streams_end_at_once_when_the_process_is_told_to_stop(
    bus: Bus, live_environment: dict[str, str], ana: User
) -> None:
    session_key = sign_in(ana)
    with running_live(live_environment, web_port=free_port()) as live:
        ears = [Ear(live, session_key) for _ in range(3)]
        for ear in ears:
            ear.wait_for("bus-up")

        told_at = time.monotonic()
        live.process.send_signal(signal.SIGTERM)

        assert all(ear.wait_for_end(seconds=4) - told_at < 3 for ear in ears)
        live.process.wait(10)


async def _crowd(live: Live, session_key: str, publish: Callable[[], None]) -> list[float]:
    """Return how long after its publishing a nudge reached each of the crowd."""
    crowd = [await asyncio.open_connection("127.0.0.1", live.port) for _ in range(CROWD)]
    for _, writer in crowd:
        writer.write(request(live, session_key, origin=live.origin))
    await asyncio.gather(*(_read_until(reader, b"bus-up") for reader, _ in crowd))
    heard = asyncio.gather(*(_read_until(reader, b"[77]") for reader, _ in crowd))
    published_at = time.monotonic()
    publish()
    delays = [at - published_at for at in await asyncio.wait_for(heard, 10)]
    for _, writer in crowd:
        writer.close()
    return delays


async def _read_until(reader: asyncio.StreamReader, word: bytes) -> float:
    while word not in await reader.readline():
        pass
    return time.monotonic()
