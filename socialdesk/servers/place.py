"""Where the servers' data lies and as whom they run.

PostgreSQL refuses to run as root. So root's servers run as a user of their own, below
/var/lib/socialdesk, where that user may go; no folder above it is ever opened up for them.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from socialdesk.servers.errors import ServersError
from socialdesk.servers.processes import Owner

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SHARED_STATE = Path("/var/lib/socialdesk")
SERVICE_USER = "socialdesk"


@dataclass(frozen=True)
class Place:
    """One desk's folders: `home` for its register and logs, `folder` for the servers' data."""

    home: Path
    folder: Path
    user: Owner | None  # None: the servers run as we do

    @cached_property
    def password(self) -> str:
        """The password of both servers, made at the first look and kept beside their data."""
        path = self.folder / "password"
        if not path.exists():
            self.write(path, secrets.token_urlsafe(24))
        return path.read_text()

    def write(self, path: Path, text: str) -> None:
        """Write a file that only the servers' user (and root) can read, all of it or nothing."""
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self.give(part)
        part.rename(path)

    def make_private(self, path: Path) -> Path:
        """Make a folder that only the servers' user (and root) can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Hand a path to the servers' user."""
        if self.user:
            os.chown(path, *self.user)

    def clear(self) -> None:
        """Delete all that the servers keep."""
        (self.folder / "password").unlink(missing_ok=True)
        for name in ("postgres", "postgres.part", "valkey", "programs"):
            if (self.folder / name).exists():
                shutil.rmtree(self.folder / name)
        if self.folder != self.home:
            self.folder.rmdir()
            (self.home / "data").unlink()

    def log(self, name: str) -> Path:
        """Return where a server's log goes."""
        return self.home / "logs" / f"{name}.log"


def desk_home() -> Path:
    """Return DESK_HOME as the settings read it; they load only once the servers run."""
    return Path(os.environ.get("DESK_HOME") or CHECKOUT / ".local").resolve()


def find_place() -> Place:
    """Return this desk's place, with its folders made."""
    home = desk_home()
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            return Place(home, home, None)
        folder = _folder_elsewhere(home / "data")
    except OSError as error:
        raise ServersError(
            f"{error.filename} can't be made ({error.strerror}); "
            "choose a folder of yours: DESK_HOME=~/desk make up"
        ) from error
    return Place(home, folder, _owner(folder / "postgres") or _service_user())


def _folder_elsewhere(link: Path) -> Path:
    """Return the folder that a home's `data` leads to; a home that is new gets a new one.

    A home that was deleted took its keys along: what it left behind is nobody else's to use.
    """
    _make_passable(SHARED_STATE)
    if not link.is_symlink():
        folder = Path(tempfile.mkdtemp(prefix="desk-", dir=SHARED_STATE))
        try:
            link.symlink_to(folder)
        except FileExistsError:  # another process was quicker
            folder.rmdir()
    _make_passable(link.readlink())
    return link.readlink()


def _make_passable(ours: Path) -> None:
    """Make a folder of ours that the servers' user passes through, whatever root's umask."""
    ours.mkdir(parents=True, exist_ok=True)
    ours.chmod(0o755)


def _owner(data: Path) -> Owner | None:
    return Owner(data.stat().st_uid, data.stat().st_gid) if data.exists() else None


def _service_user() -> Owner:
    """Return the servers' user, made if need be; `nobody` where no user can be made."""
    useradd = shutil.which("useradd")
    if useradd and not _user(SERVICE_USER):
        account = ["--system", "--user-group", "--no-create-home", "--home-dir", str(SHARED_STATE)]
        subprocess.run(
            [useradd, *account, "--shell", "/usr/sbin/nologin", SERVICE_USER],
            capture_output=True,
            check=False,
        )
    user = _user(SERVICE_USER) or _user("nobody")
    if user is None:
        raise ServersError(
            "PostgreSQL can't run as root and this machine has no other user: "
            "use servers of your own: DATABASE_URL=… REDIS_URL=… make up"
        )
    return user


def _user(name: str) -> Owner | None:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return None
    return Owner(user.pw_uid, user.pw_gid)
