"""Holding the servers: the first one in starts them, the last one out stops them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from socialdesk import keys
from socialdesk.servers.errors import ServersError
from socialdesk.servers.place import Place, desk_home, find_place
from socialdesk.servers.postgres import Postgres
from socialdesk.servers.processes import this_process
from socialdesk.servers.register import Holder, Register, opened
from socialdesk.servers.server import Server, choose_port, start, stop
from socialdesk.servers.valkey import Valkey

SERVERS: tuple[Server, ...] = (Postgres(), Valkey())


@contextmanager
def hold() -> Iterator[None]:
    """Have both servers up while the block runs, with DATABASE_URL and REDIS_URL naming them.

    A variable that is already set names a server of the person's own, and none of that kind is
    started. ServersError tells why a server can't be had. The environment gets the desk's keys
    too: whoever reads the data needs them.
    """
    keys.put_in_environment(desk_home())
    wanted = [server for server in SERVERS if not os.environ.get(server.variable)]
    for server in SERVERS:
        if server not in wanted and server.needed_always:
            server.check(os.environ[server.variable])
    if not wanted:
        yield
        return
    place = find_place()
    os.environ.update(_take(wanted, place))
    try:
        yield
    finally:
        for server in wanted:
            os.environ.pop(server.variable, None)
        _release(place)


def heal() -> list[str]:
    """Start again, on the port it had, what this process holds and has died; return the titles."""
    with opened(desk_home()) as register:
        mine = {
            name
            for holder in register.holders
            if holder.life == this_process()
            for name in holder.servers
        }
        dead = [
            server
            for server in SERVERS
            if server.name in mine and not _is_running(server, register)
        ]
        for server in dead:
            _ensure_running(server, find_place(), register)
    return [server.title for server in dead]


def clear_away() -> None:
    """Stop the servers that nobody holds: a killed process couldn't."""
    place = find_place()
    with opened(place.home) as register:
        _stop_unheld(place, register)


def delete_data() -> None:
    """Delete all that the embedded servers keep; ServersError while any process holds them."""
    place = find_place()
    with opened(place.home) as register:
        if register.holders:
            pids = ", ".join(str(holder.life.pid) for holder in register.holders)
            raise ServersError(f"The servers are in use (pid {pids}); stop that first: make down")
        _stop_unheld(place, register)
        register.servers.clear()
        place.clear()


def _take(wanted: list[Server], place: Place) -> dict[str, str]:
    with opened(place.home) as register:
        try:
            urls = {
                server.variable: server.url(place, _ensure_running(server, place, register))
                for server in wanted
            }
        except BaseException:
            _stop_unheld(place, register)
            raise
        register.holders.append(Holder(this_process(), tuple(server.name for server in wanted)))
    return urls


def _ensure_running(server: Server, place: Place, register: Register) -> int:
    """Return the port of the server, which runs from now on."""
    entry = register.entry(server.name)
    if _is_running(server, register) and entry.port:
        return entry.port
    stop(server, place)
    # Those who hold it already know it by its port; only else may the port change.
    if entry.port is None or not register.is_held(server.name):
        entry.port = choose_port(entry.port)
    entry.life = start(server, place, entry.port)
    return entry.port


def _is_running(server: Server, register: Register) -> bool:
    life = register.entry(server.name).life
    return life is not None and life.alive


def _release(place: Place) -> None:
    with opened(place.home) as register:
        register.holders = [holder for holder in register.holders if holder.life != this_process()]
        _stop_unheld(place, register)


def _stop_unheld(place: Place, register: Register) -> None:
    for server in SERVERS:
        if not register.is_held(server.name):
            stop(server, place)
            register.entry(server.name).life = None
