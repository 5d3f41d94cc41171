"""`manage.py create_admin`: the first person of a desk."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils import timezone

from apps.agents.models import User
from apps.agents.operations import add_user
from apps.common.errors import DeskError
from socialdesk.management.asking import new_password
from socialdesk.management.deciding import DecidingCommand


class Command(DecidingCommand):
    """Makes an admin, who sees and may do everything."""

    help = "Make an admin; the password is asked for, or taken from NEW_PASSWORD."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who it is."""
        parser.add_argument("--email", required=True, help="the sign-in address")
        parser.add_argument("--name", required=True, help="as colleagues and customers read it")

    def handle(self, *_args: object, email: str, name: str, **_options: object) -> None:
        """Make them, or say what to correct."""
        try:
            user = add_user(
                email=email,
                name=name,
                password=new_password(),
                role=User.Role.ADMIN,
                by=None,
                at=timezone.now(),
            )
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.name} is an admin and signs in as {user.email}.")
