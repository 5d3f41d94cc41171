import sys
import time

import pytest

from socialdesk.supervisor.keeper import Keeper
from socialdesk.supervisor.parts import Part
from tests.servers_and_supervisor.desk import wait_until

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


def test_a_process_that_dies_is_started_again_after_a_growing_pause(
    capfd: pytest.CaptureFixture[str],
) -> None:
    groups: list[str] = []
    keeper = Keeper(Part("brief", [sys.executable, "-c", "print('here')"]), groups.append)
    keeper.start()
    assert wait_until(lambda: len(groups) >= 6, seconds=10)
    keeper.ask_to_stop()
    keeper.wait_or_kill(5)
    said = capfd.readouterr().out
    assert said.count("brief     | here") >= 3
    assert "brief ended (exit 0); it starts again in 0.5 s" in said
    assert "brief ended (exit 0); it starts again in 1 s" in said
    assert groups[0].replace("+", "-") == groups[1]


def test_a_process_that_will_not_end_is_killed_in_time(capfd: pytest.CaptureFixture[str]) -> None:
    keeper = Keeper(Part("deaf", [sys.executable, "-c", STUBBORN]), lambda _line: None)
    keeper.start()
    assert wait_until(lambda: "deaf      | deaf" in capfd.readouterr().out, seconds=10)
    began = time.monotonic()
    keeper.ask_to_stop()
    keeper.wait_or_kill(0.5)
    assert 0.5 <= time.monotonic() - began < 5
