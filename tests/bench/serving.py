"""Parts of the desk as `make up` runs them, over the tests' own database."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection
from django.test import override_settings

from socialdesk.supervisor.parts import Part, all_parts
from tests.live.processes import wait_until_open


def part(name: str, port: int) -> Part:
    """Return that part's own command and settings, at this port."""
    with override_settings(PORT=port, LIVE_PORT=port):
        return next(part for part in all_parts() if part.name == name)


def tests_database() -> str:
    there = connection.settings_dict
    sign_in = f"{quote(there['USER'], safe='')}:{quote(there['PASSWORD'] or '', safe='')}"
    host = f"{there['HOST'] or '127.0.0.1'}:{there['PORT'] or 5432}"
    return f"postgresql://{sign_in}@{host}/{there['NAME']}"


@contextmanager
def serving(
    name: str, command: Sequence[str], environment: Mapping[str, str], *, port: int
) -> Iterator["subprocess.Popen[bytes]"]:
    own = {"DESK_PROCESS": name, "DATABASE_URL": tests_database()}
    process = subprocess.Popen(command, env={**os.environ, **own, **environment})
    try:
        wait_until_open(port)
        yield process
    finally:
        process.terminate()
        process.wait(30)
