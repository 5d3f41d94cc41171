"""One running desk a DESK_HOME, known by the lock it holds on `desk.json`."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from socialdesk.servers import ServersError


@contextmanager
def the_only_desk(home: Path, *, pid: int, url: str) -> Iterator[None]:
    """Be the desk of this home; ServersError when there is one already."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "desk.json").open("a+") as file:
        if not _lock(file):
            raise ServersError(
                f"The desk of {home} already runs at {_told(file).get('url', 'its address')}; "
                "stop it with make down, or run another beside it: "
                "DESK_HOME=.local2 PORT=8100 LIVE_PORT=8101 make up"
            )
        file.truncate(0)
        file.write(json.dumps({"pid": pid, "url": url}))
        file.flush()
        yield
        file.truncate(0)


def running_pid(home: Path) -> int | None:
    """Return the pid of the desk that runs now; None when none does."""
    path = home / "desk.json"
    if not path.exists():
        return None
    with path.open("a+") as file:
        return None if _lock(file) else int(_told(file).get("pid", 0)) or None


def _lock(file: TextIOWrapper) -> bool:
    """Take the lock if it's free; it goes with the process, however that ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(file: TextIOWrapper) -> dict[str, str | int]:
    file.seek(0)
    try:
        told: dict[str, str | int] = json.loads(file.read())
    except ValueError:
        return {}
    return told
