"""The desk's own keys: made once for a desk on one machine, given by people for any other.

A key that stood in the source would be no key. `DESK_HOME/keys.json` holds a desk's SECRET_KEY
and CREDENTIAL_KEYS; what the environment names comes first. Whatever is wrong with a key is told
as ImproperlyConfigured in one sentence.
"""

import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environs import Env

# Each with the command that makes one.
RECIPES = {
    "SECRET_KEY": "openssl rand -hex 32",
    "CREDENTIAL_KEYS": "openssl rand -base64 32 | tr '+/' '-_'",
}


def put_in_environment(home: Path) -> None:
    """Have every process of this desk use the same keys; they are made at the first look.

    A desk in production keeps what people set, and its settings say what is missing.
    """
    missing = [name for name in RECIPES if not os.environ.get(name)]
    if missing and not Env().bool("PRODUCTION", default=False):
        kept = _kept(home / "keys.json")
        os.environ.update({name: kept[name] for name in missing})


def new_secret_key() -> str:
    """Return a SECRET_KEY that nobody else has."""
    return secrets.token_urlsafe(50)


def new_credential_key() -> str:
    """Return a Fernet key that nobody else has."""
    return Fernet.generate_key().decode()


def require(*, secret_key: str, credential_keys: list[str]) -> None:
    """Raise ImproperlyConfigured for keys that are missing or could not encrypt."""
    for name, value in [("SECRET_KEY", secret_key), ("CREDENTIAL_KEYS", credential_keys)]:
        if not value:
            raise ImproperlyConfigured(
                f"A desk in production needs a {name} of its own; make one and keep it: "
                f"{RECIPES[name]}"
            )
    for number, key in enumerate(credential_keys, start=1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"Key {number} of CREDENTIAL_KEYS is not 32 bytes in URL-safe base64; "
                f"make one: {RECIPES['CREDENTIAL_KEYS']}"
            ) from error


def _kept(path: Path) -> dict[str, str]:
    try:
        _make_once(path)
        kept = json.loads(path.read_text())
        return {name: str(kept[name]) for name in RECIPES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(
            f"{path}, which holds the desk's keys, can't be used ({error}). Bring it back from a "
            "backup: without it nobody can read the channels' tokens. To begin anew, delete it "
            "and make reset."
        ) from error


def _make_once(path: Path) -> None:
    """Write the file complete or not at all; of two processes at once the first one wins."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"keys.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        made = {"SECRET_KEY": new_secret_key(), "CREDENTIAL_KEYS": new_credential_key()}
        file.write(json.dumps(made, indent=1))
    try:
        os.link(part, path)
    except FileExistsError:
        return
    finally:
        part.unlink()
