"""Real servers for the tests: the embedded ones, held while pytest runs.

Loaded with `-p` before any setting is read. Workers of pytest-xdist inherit the addresses.
"""

import atexit
import os
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from socialdesk.servers import ServersError, hold

_held = ExitStack()
# Also when pytest ends before it has begun, over a broken conftest.
atexit.register(_held.close)


def _take_servers() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    try:
        _held.enter_context(hold())
    except ServersError as error:
        raise pytest.UsageError(str(error)) from error
    # A desk that runs beside the tests uses number 0, and no two workers may share one.
    number = int(worker.removeprefix("gw")) + 2 if worker else 1
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()


_take_servers()
