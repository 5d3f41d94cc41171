"""The servers' programs, as their wheels brought them."""

import shutil
import stat
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from socialdesk.servers.errors import ServersError
from socialdesk.servers.place import Place


def program(package: str, pattern: str, *, place: Place) -> Path:
    """Return the program in `package` that matches `pattern`, where the servers' user can go.

    Root's environment often lies where that user can't (/root): the package is then copied
    below the place once, beside its shared libraries, as the wheel laid them out.
    """
    package_folder = _installed(package)
    path = _one(package_folder, pattern)
    if place.user is None or _open_to_everyone(path, package_folder):
        return path
    return _one(_copied(package_folder, place=place), pattern)


def _installed(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ServersError(f"The package {package} is missing; make the environment: make env")
    return Path(spec.origin).parent


def _one(package_folder: Path, pattern: str) -> Path:
    for path in package_folder.glob(pattern):
        return path
    raise ServersError(
        f"{package_folder.name} brings no {pattern} for this machine; "
        "use servers of your own: DATABASE_URL=… REDIS_URL=… make up"
    )


def _open_to_everyone(path: Path, package_folder: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in _above(path)) and all(
        file.stat().st_mode & stat.S_IROTH for file in package_folder.rglob("*")
    )


def _above(path: Path) -> Iterator[Path]:
    # An environment may consist of links into a package cache that lies elsewhere.
    yield from path.parents
    yield from path.resolve().parents


def _copied(package_folder: Path, *, place: Place) -> Path:
    package = package_folder.name
    copy = place.folder / "programs" / f"{package}-{version(package)}"
    if not copy.exists():
        part = copy.with_name(copy.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        for name in (package, f"{package}.libs"):
            source = package_folder.with_name(name)
            if source.exists():
                shutil.copytree(source, part / name, ignore=shutil.ignore_patterns("include"))
        _open_up(part)
        part.rename(copy)
    return copy / package


def _open_up(folder: Path) -> None:
    for path in (folder.parent, folder, *folder.rglob("*")):
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)
