"""The compose file's desk, brought up as plain processes from what the image would hold."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.compose.desk import ComposeDesk, image_environment
from tests.compose.files import CHECKOUT, copied_from_checkout, instructions


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile copies and makes, with the packages of this environment."""
    folder = tmp_path_factory.mktemp("image") / "desk"
    folder.mkdir()
    for sources, target in copied_from_checkout():
        for source in sources:
            if (CHECKOUT / source).is_dir():
                shutil.copytree(CHECKOUT / source, folder / target)
            else:
                shutil.copy(CHECKOUT / source, folder / target)
    (folder / ".venv").symlink_to(CHECKOUT / ".venv")
    [collect] = [one.rest for one in instructions("RUN") if "collectstatic" in one.rest]
    subprocess.run(
        ["/bin/sh", "-c", collect], cwd=folder, env=image_environment(folder), check=True
    )
    return folder


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """The address of an empty database beside the tests' own."""
    own = os.environ["DATABASE_URL"]
    name = f"compose_{os.getpid()}"
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(own)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def desk(image: Path, database: str) -> Iterator[ComposeDesk]:
    """The desk, migrated and with every process up."""
    desk = ComposeDesk(image, database)
    try:
        desk.bring_up()
        yield desk
    finally:
        desk.take_down()
