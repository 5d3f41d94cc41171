"""`manage.py changepassword`: another password for somebody whom no letter reaches."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils import timezone

from apps.agents.models import User
from apps.agents.operations import give_password
from apps.common.errors import DeskError
from socialdesk.management.asking import new_password
from socialdesk.management.deciding import DecidingCommand


class Command(DecidingCommand):
    """Stands in for Django's own, so that the ledger tells of it."""

    help = "Give somebody another password; it is asked for, or taken from NEW_PASSWORD."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose it is."""
        parser.add_argument("email", help="the sign-in address")

    def handle(self, *_args: object, email: str, **_options: object) -> None:
        """Change it, or say what to correct."""
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Nobody here signs in as {email}.")
        try:
            give_password(user=user, password=new_password(), at=timezone.now())
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.name} signs in by the new password, and is signed out elsewhere.")
