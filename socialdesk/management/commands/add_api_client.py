"""`manage.py add_api_client`: a program that may call the API."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils import timezone

from apps.agents.models import User
from apps.agents.operations.programs import add_client
from apps.agents.programs import SCOPES
from apps.common.errors import DeskError
from socialdesk.management.deciding import DecidingCommand


class Command(DecidingCommand):
    """Lets a program in with the rights of somebody who answers for it."""

    help = "Let a program call the API; tells its id and its secret, once."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which program, who answers for it, and what it may do."""
        parser.add_argument("--name", required=True, help="which program it is")
        parser.add_argument("--for", dest="email", required=True, help="who answers for it")
        parser.add_argument("--scopes", nargs="+", default=["read"], choices=list(SCOPES))

    def handle(
        self, *_args: object, name: str, email: str, scopes: list[str], **_options: object
    ) -> None:
        """Make it, or say what to correct."""
        owner = User.objects.filter(email__iexact=email).first()
        if owner is None:
            raise CommandError(f"Nobody here signs in as {email}.")
        try:
            client, secret = add_client(
                name=name, scopes=scopes, owner=owner, by=None, at=timezone.now()
            )
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"id      {client.pk}\nsecret  {secret}\nscopes  {' '.join(scopes)}")
