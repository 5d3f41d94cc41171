"""`manage.py reset`: begin anew with an empty desk."""

import os
import sys
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand

from socialdesk import servers


class Command(BaseCommand):
    """Delete the embedded servers' data, after asking."""

    help = "Delete all data of the embedded PostgreSQL and Valkey of this DESK_HOME."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--yes` from those who can't be asked."""
        parser.add_argument("--yes", action="store_true", help="delete without asking")

    def handle(self, *_args: object, yes: bool = False, **_options: object) -> None:
        """Ask, then delete; a server of the person's own is never touched."""
        if os.environ.get("DATABASE_URL"):
            raise servers.ServersError(
                "DATABASE_URL names a PostgreSQL of your own, which reset leaves alone; "
                "unset it to delete the desk's own data."
            )
        if not (yes or _asked()):
            self.stdout.write("Nothing was deleted.")
            return
        servers.delete_data()
        self.stdout.write("The desk is empty; make up prepares a new one.")


def _asked() -> bool:
    if not sys.stdin.isatty():
        raise servers.ServersError(
            "Nobody is there to be asked whether to delete the desk's data; "
            "if you are sure: .venv/bin/python manage.py reset --yes"
        )
    question = f"Delete every conversation of the desk in {settings.DESK_HOME}? Type yes: "
    return input(question).strip().lower() == "yes"
