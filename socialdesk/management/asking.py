"""What commands ask at a terminal, and take from the environment where nobody sits at one."""

import getpass
import os
import sys

from django.core.management.base import CommandError


def secret(variable: str, what: str) -> str:
    """Return a secret from the environment, else as typed; never from the command line.

    Other people of a machine can read its command lines.
    """
    if given := os.environ.get(variable):
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"Nobody is there to type the {what}: set {variable}, then try again.")
    return getpass.getpass(f"{what[0].upper()}{what[1:]}: ")


def new_password() -> str:
    """Return a password for somebody new: NEW_PASSWORD, else as typed twice."""
    typed = secret("NEW_PASSWORD", "new password")
    if not os.environ.get("NEW_PASSWORD") and getpass.getpass("The same again: ") != typed:
        raise CommandError("The two passwords differ: try again.")
    return typed
