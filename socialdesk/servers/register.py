"""`DESK_HOME/servers.json`: which servers run where, and which processes hold them."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from socialdesk.servers.errors import ServersError
from socialdesk.servers.processes import Life


@dataclass
class Entry:
    """One server: the port stays after it stopped, for the next start."""

    port: int | None = None
    life: Life | None = None


@dataclass(frozen=True)
class Holder:
    """A process that needs servers, by their names."""

    life: Life
    servers: tuple[str, ...]


@dataclass
class Register:
    """What `servers.json` says, without the holders that have died."""

    servers: dict[str, Entry] = field(default_factory=dict)
    holders: list[Holder] = field(default_factory=list)

    def entry(self, name: str) -> Entry:
        """Return a server's entry, made if need be."""
        return self.servers.setdefault(name, Entry())

    def is_held(self, name: str) -> bool:
        """Whether any living process needs this server."""
        return any(name in holder.servers for holder in self.holders)


@contextmanager
def opened(home: Path) -> Iterator[Register]:
    """Give the register to one process at a time, and keep what it leaves."""
    path = home / "servers.json"
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "servers.lock").open("a")
    except PermissionError as error:
        raise ServersError(
            f"{error.filename} belongs to another user; run this as that user, "
            "or choose a folder of yours: DESK_HOME=~/desk make up"
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        register = _parse(path.read_text() if path.exists() else "")
        try:
            yield register
        finally:
            part = path.with_name("servers.json.part")
            part.write_text(json.dumps(asdict(register), indent=1))
            part.rename(path)


def _parse(text: str) -> Register:
    """Read the register; one that can't be read counts as empty, and start() clears what runs."""
    try:
        raw = json.loads(text or "{}")
        servers = {
            name: Entry(entry["port"], Life(**entry["life"]) if entry["life"] else None)
            for name, entry in raw.get("servers", {}).items()
        }
        holders = [
            Holder(Life(**holder["life"]), tuple(holder["servers"]))
            for holder in raw.get("holders", [])
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return Register()
    return Register(servers, [holder for holder in holders if holder.life.alive])
