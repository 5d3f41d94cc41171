"""Services of the compose file as plain processes on this machine."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from socialdesk.keys import new_credential_key, new_secret_key
from tests.compose.files import Service, compose, instructions
from tests.live.processes import free_port

HOST = "localhost"
PARTS = ("web", "live", "worker", "scheduler")
START_SECONDS = 60  # on a busy machine


def image_environment(folder: Path) -> dict[str, str]:
    """Return the image's environment, with this folder in the place of its /desk."""
    said = dict(pair.split("=", 1) for one in instructions("ENV") for pair in one.words)
    path = said["PATH"].replace("/desk", str(folder)).replace("$PATH", os.defpath)
    return {**said, "PATH": path}


@dataclass
class ComposeDesk:
    """The desk's services: their commands and environment are the file's, the places are ours."""

    folder: Path
    database: str
    web: int = field(default_factory=free_port)
    live: int = field(default_factory=free_port)
    proxy: int = field(default_factory=free_port)
    variables: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables = {
            "DESK_HOST": f"{HOST}:{self.proxy}",
            "SECRET_KEY": new_secret_key(),
            "CREDENTIAL_KEYS": new_credential_key(),
            "POSTGRES_PASSWORD": "nobody-listens",
            "SQUARE": "1",
        }

    def service(self, name: str) -> Service:
        service: Service = compose(self.variables)["services"][name]
        return service

    def environment(self, name: str) -> dict[str, str]:
        """Return what the image, the .env and the file say, and nothing of the tests' own.

        Only where things are differs: two servers, two ports, and a host on a port of its own.
        """
        places = {
            "DATABASE_URL": self.database,
            "REDIS_URL": _beside(os.environ["REDIS_URL"]),
            "PORT": str(self.web),
            "LIVE_PORT": str(self.live),
            "BIND": "127.0.0.1",
            "ALLOWED_HOSTS": HOST,
        }
        said = self.service(name)["environment"]
        return {**image_environment(self.folder), **self.variables, **said, **places}

    def bring_up(self) -> None:
        """Migrate, then start every part and wait until the pages answer."""
        migrated = self.run("migrate", self.service("migrate")["command"])
        assert migrated.returncode == 0, migrated.stderr
        for name in PARTS:
            self.processes[name] = subprocess.Popen(
                self.service(name)["command"], cwd=self.folder, env=self.environment(name)
            )
        self.wait_until(lambda: self.healthy("web") and self.healthy("live"))

    def take_down(self) -> None:
        """Stop them as Docker does, each within the time it would have."""
        for process in self.processes.values():
            process.terminate()
        for name, process in self.processes.items():
            process.wait(int(self.service(name).get("stop_grace_period", "10s").rstrip("s")))

    def run(
        self, name: str, command: list[str], **further: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run one command where a service would."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment(name), **further},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def healthy(self, name: str) -> bool:
        """Whether the service's own check passes, asked at the port it has here."""
        kind, *check = self.service(name)["healthcheck"]["test"]
        assert kind == "CMD"
        ports = {"8000": str(self.web), "8001": str(self.live)}
        moved = [re.sub(r"^(8000|8001)(?=/)", lambda at: ports[at[1]], word) for word in check]
        return self.run(name, moved).returncode == 0

    def get(self, port: int, path: str, **headers: str) -> httpx.Response:
        """Ask as the proxy asks."""
        return httpx.get(
            f"http://127.0.0.1:{port}{path}",
            headers={"host": self.variables["DESK_HOST"], "x-forwarded-proto": "https", **headers},
        )

    def wait_until(self, happens: Callable[[], bool]) -> None:
        """Wait for something that comes soon; every process must live meanwhile."""
        until = time.monotonic() + START_SECONDS
        while not happens():
            assert time.monotonic() < until
            assert {name for name, one in self.processes.items() if one.poll() is not None} == set()
            time.sleep(0.2)


def _beside(redis_url: str) -> str:
    """Return another numbered database of the same server, one for each worker of the tests."""
    url = urlsplit(redis_url)
    return url._replace(path=f"/{int(url.path.strip('/')) + 20}").geturl()
