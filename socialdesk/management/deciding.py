"""Commands that decide something about the desk: the ledger names them, since nobody signs in."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.ledger.recording import by_command


class DecidingCommand(BaseCommand):
    """A command whose deeds are events, as an admin's are in the console."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Do it, named in the ledger by what is typed to call it."""
        with by_command(type(self).__module__.rpartition(".")[2]):
            return super().execute(*args, **options)
