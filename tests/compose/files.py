"""docker-compose.yml and Dockerfile as Docker reads them, as far as ours go."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent.parent
COMPOSE = CHECKOUT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\?([^}]*))?\}|(\$))")
# A complete .env.
GIVEN = {
    "DESK_HOST": "desk.example.com",
    "SECRET_KEY": "secret",
    "CREDENTIAL_KEYS": "key",
    "POSTGRES_PASSWORD": "password",
}

Service = dict[str, Any]


class MissingError(Exception):
    """A variable that compose asks for with `:?` is not set."""


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the file with its anchors and variables resolved."""
    read: dict[str, Any] = _resolved(yaml.safe_load(COMPOSE.read_text()), variables)
    return read


def _resolved(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, variables) for one in value]
    if not isinstance(value, str):
        return value

    def put_in(found: re.Match[str]) -> str:
        name, complaint, dollar = found.groups()
        if dollar:
            return "$"
        if not variables.get(name) and complaint is not None:
            raise MissingError(f"{name} {complaint}")
        return variables.get(name, "")

    return VARIABLE.sub(put_in, value)


@dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.rest)


def dockerfile() -> list[Instruction]:
    """Return its instructions, without comments."""
    text = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Instruction(*line.split(" ", 1)) for line in lines]


def instructions(name: str) -> list[Instruction]:
    """Return the instructions of one name."""
    return [one for one in dockerfile() if one.name == name]


def copied_from_checkout() -> list[tuple[list[str], str]]:
    """Return what is copied from the checkout and where to."""
    copies = [one.words for one in instructions("COPY") if "--from" not in one.rest]
    return [(words[:-1], words[-1]) for words in copies]


def program(package: str, pattern: str) -> Path:
    """A server's program as its wheel brought it: the same one that its container has."""
    spec = find_spec(package)
    assert spec
    assert spec.origin
    return next(Path(spec.origin).parent.glob(pattern))
