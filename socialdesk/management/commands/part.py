"""`manage.py part NAME`: one process of the desk alone, as a container runs it."""

import os
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from socialdesk import keys
from socialdesk.supervisor.parts import all_parts


class Command(BaseCommand):
    """Becomes the process that `up` runs under the same name: there is one list of commands."""

    help = "Run web, live, worker or scheduler alone, with servers of your own."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which one."""
        parser.add_argument("name", choices=[part.name for part in all_parts()])

    def handle(self, *_args: object, name: str, **_options: object) -> None:
        """Turn into it; a signal meant for it reaches it."""
        if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
            raise CommandError(
                "One process alone needs servers of your own: set DATABASE_URL and REDIS_URL, or "
                "run the whole desk with make up."
            )
        keys.put_in_environment(settings.DESK_HOME)
        [part] = [part for part in all_parts() if part.name == name]
        os.environ.update(part.environment, DESK_PROCESS=part.name)
        os.chdir(settings.BASE_DIR)
        os.execv(part.command[0], part.command)  # noqa: S606 - no shell is what we want
